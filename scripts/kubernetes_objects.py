"""Kubernetes objects from the planned values of the Terraform provider for Kubernetes.

The published schema of a kind leads the way: the provider writes `volume_mount` blocks for a list `volumeMounts`,
`cluster_ip` for `clusterIP`, a text for a number. What has no place in the schema is kept under the provider's
own name, so that a strict check refuses it.
"""

import re

API_VERSIONS = {
    "config_map_v1": "v1",
    "deployment_v1": "apps/v1",
    "horizontal_pod_autoscaler_v2": "autoscaling/v2",
    "ingress_v1": "networking.k8s.io/v1",
    "namespace_v1": "v1",
    "network_policy_v1": "networking.k8s.io/v1",
    "pod_disruption_budget_v1": "policy/v1",
    "secret_v1": "v1",
    "service_account_v1": "v1",
    "service_v1": "v1",
}

# What is Terraform's own or comes from the cluster. A write-only value is in no plan.
NOT_OF_THE_OBJECT = {
    "id", "status", "timeouts", "default_secret_name", "target_cpu_utilization_percentage",
    "wait_for_default_service_account", "wait_for_load_balancer", "wait_for_rollout", "wait_for_service_account_token",
    "data_wo", "data_wo_revision", "binary_data_wo", "binary_data_wo_revision",
}

# A refresh makes 0 of what was null; in these places the API knows no 0, and the provider sends none.
NEVER_ZERO = {"average_utilization", "end_port", "min_domains"}

# The provider takes these as octal text.
MODES = {"defaultMode", "mode"}


class Converter:
    def __init__(self, definitions: dict):
        """`definitions`: the published schemas by their full names."""
        self.definitions = definitions
        self.kinds = {}
        for name, schema in definitions.items():
            for kind in schema.get("x-kubernetes-group-version-kind", []):
                version = "/".join(part for part in (kind["group"], kind["version"]) if part)
                self.kinds.setdefault((version, kind["kind"]), name)

    def objects(self, plan: dict) -> list[dict]:
        """The objects that exist once the plan is applied."""
        module = plan["planned_values"]["root_module"]
        return [
            self.object(resource["type"], resource["values"])
            for resource in module.get("resources", [])
            if resource["mode"] == "managed"
        ]

    def updates(self, plan: dict) -> list[tuple[dict, dict]]:
        """The objects that are changed in place, before and after."""
        return [
            tuple(self.object(one["type"], one["change"][side]) for side in ("before", "after"))
            for one in plan.get("resource_changes", [])
            if one["mode"] == "managed" and one["change"]["actions"] == ["update"]
        ]

    def object(self, resource_type: str, values: dict) -> dict:
        name = resource_type.removeprefix("kubernetes_")
        if name == "manifest":
            return values["manifest"]
        version = API_VERSIONS[name]
        kind = "".join(part.capitalize() for part in re.sub(r"_v\d+$", "", name).split("_"))
        schema = self.definitions[self.kinds[version, kind]]
        return {"apiVersion": version, "kind": kind, **self.members(values, schema)}

    def members(self, values: dict, schema: dict) -> dict:
        schema = self.resolved(schema)
        result = {}
        for key, value in values.items():
            # None of these is given: an empty list stands for blocks that are not there, and a refresh makes
            # an empty text of what was null.
            if value in (None, "", []) or key in NOT_OF_THE_OBJECT or value == 0 and key in NEVER_ZERO:
                continue
            name = field(key, schema.get("properties", {}))
            place = schema.get("properties", {}).get(name)
            result[name] = value if place is None else self.value(value, place, name)
        return result

    def value(self, value, schema: dict, name: str):
        schema = self.resolved(schema)
        kinds = types(schema)
        if isinstance(value, list) and "array" not in kinds and "properties" in schema:
            # A block that may be there once is a list of one.
            return self.members(value[0] or {}, schema) if len(value) == 1 else value
        if isinstance(value, list):
            items = self.resolved(schema.get("items", {}))
            return [self.members(item or {}, items) if "properties" in items else item for item in value]
        if isinstance(value, dict) and "properties" in schema:
            return self.members(value, schema)
        if isinstance(value, str) and name in MODES and re.fullmatch(r"0?[0-7]+", value):
            return int(value, 8)
        if isinstance(value, str) and "integer" in kinds and re.fullmatch(r"-?\d+", value):
            return int(value)
        if isinstance(value, str) and "boolean" in kinds and value in ("true", "false"):
            return value == "true"
        return value

    def resolved(self, schema: dict) -> dict:
        while "$ref" in schema:
            schema = self.definitions[schema["$ref"].split("/")[-1]]
        return schema


def types(schema: dict) -> set[str]:
    if "oneOf" in schema:
        return set().union(*map(types, schema["oneOf"]))
    kinds = schema.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def field(key: str, properties: dict) -> str:
    """The schema's name for the provider's, which may be in the singular; its own where there is none."""
    plain = key.replace("_", "")
    for candidate in (plain, f"{plain}s", f"{plain.removesuffix('y')}ies"):
        for name in properties:
            if name.lower() == candidate:
                return name
    return key
