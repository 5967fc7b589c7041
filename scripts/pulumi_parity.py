#!/usr/bin/env python3
"""Compares what Terraform plans to make with what the Pulumi program of the same manifest asks for.

  scripts/pulumi_parity.py NAME PLAN.json Main.json [NAME PLAN.json Main.json ...]
  scripts/pulumi_parity.py --all PLAN.json FOLDER [PLAN.json FOLDER ...]

With --all a plan holds many programs' resources, each in a module with the key of a folder in FOLDER, where the
program lies.

Both are brought to one form: resources by Terraform's types, attributes by names without case, underscores and
plurals, blocks of one entry without their list, scalars as text, nothing that is empty. What is known only when it is
there matches everything. Prints a line for each difference that is not in ACCEPTED, and with --all for each entry of
ACCEPTED that no manifest shows; exit 1 if there is any.
"""

import json
import re
import sys
from pathlib import Path

TYPES = {
    "aws:appautoscaling/policy:Policy": "aws_appautoscaling_policy",
    "aws:appautoscaling/scheduledAction:ScheduledAction": "aws_appautoscaling_scheduled_action",
    "aws:appautoscaling/target:Target": "aws_appautoscaling_target",
    "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
    "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
    "aws:ecs/capacityProvider:CapacityProvider": "aws_ecs_capacity_provider",
    "aws:ecs/cluster:Cluster": "aws_ecs_cluster",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "aws_ecs_cluster_capacity_providers",
    "aws:ecs/service:Service": "aws_ecs_service",
    "aws:ecs/taskDefinition:TaskDefinition": "aws_ecs_task_definition",
    "aws:iam/role:Role": "aws_iam_role",
    "aws:iam/rolePolicy:RolePolicy": "aws_iam_role_policy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "aws_iam_role_policy_attachment",
    "aws:lb/listener:Listener": "aws_lb_listener",
    "aws:lb/listenerCertificate:ListenerCertificate": "aws_lb_listener_certificate",
    "aws:lb/listenerRule:ListenerRule": "aws_lb_listener_rule",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:lb/targetGroup:TargetGroup": "aws_lb_target_group",
    "aws:secretsmanager/secret:Secret": "aws_secretsmanager_secret",
    "aws:secretsmanager/secretVersion:SecretVersion": "aws_secretsmanager_secret_version",
    "aws:servicediscovery/service:Service": "aws_service_discovery_service",
    "aws:ssm/parameter:Parameter": "aws_ssm_parameter",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "aws_vpc_security_group_egress_rule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "aws_vpc_security_group_ingress_rule",
    "kubernetes:apps/v1:Deployment": "kubernetes_deployment_v1",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": "kubernetes_horizontal_pod_autoscaler_v2",
    "kubernetes:core/v1:ConfigMap": "kubernetes_config_map_v1",
    "kubernetes:core/v1:Namespace": "kubernetes_namespace_v1",
    "kubernetes:core/v1:Secret": "kubernetes_secret_v1",
    "kubernetes:core/v1:Service": "kubernetes_service_v1",
    "kubernetes:core/v1:ServiceAccount": "kubernetes_service_account_v1",
    "kubernetes:networking.k8s.io/v1:Ingress": "kubernetes_ingress_v1",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": "kubernetes_network_policy_v1",
    "kubernetes:policy/v1:PodDisruptionBudget": "kubernetes_pod_disruption_budget_v1",
}

# Differences that are meant: type, path (a pattern, which may end with `=` and Terraform's value) and why.
# `docs/pulumi.md` has the same table.
ACCEPTED = [
    (".*", "tagsall.*", "the provider adds its default tags when it applies"),
    ("aws_vpc_security_group_.*_rule", "tag.*", "a rule is a part of its group, and has no tags of its own"),
    (".*", "timeout.*", "customTimeouts, an option of the resource"),
    ("kubernetes_.*", "waitfor.*", "a wait is told by an annotation"),
    ("kubernetes_.*", r"metadata\.annotation\.pulumi\.com/skipawait", "a wait is told by an annotation"),
    ("kubernetes_deployment_v1", r"spec\.replica", "left to the autoscaler"),
    ("kubernetes_secret_v1", r"stringdata\..*|datawo.*", "a secret is an input by config"),
    ("aws_secretsmanager_secret_version", "secretstring.*", "a secret is an input by config"),
    ("aws_ssm_parameter", "value.*", "a secret is an input by config"),
    # What Terraform's providers fill in by their schemas.
    ("aws_iam_role", "path|maxsessionduration|forcedetachpolicy", "default"),
    ("aws_.*", "skipdestroy|tracklatest|schedulingstrategy", "default"),
    ("aws_.*", "revokerulesondelete|forceoverwritereplicasecret", "default"),
    ("aws_appautoscaling_policy", ".*disablescalein", "default"),
    ("aws_ecs_task_definition", "(.*transitencryptionport|.*rootdirectory)=[0/]", "default"),
    ("aws_ecs_task_definition", r"volume(\[\])?\.dockervolumeconfiguration\.autoprovision=false", "default"),
    ("aws_lb_listener", r"defaultaction\.redirect\.(host|path|query)=.*#{.*", "default"),
    ("aws_lb", "enable(zonalshift|waffailopen|http2|xffclientport|tlsversion.*)|clientkeepalive", "default"),
    ("aws_lb", "xffheaderprocessingmode|preservehostheader|desyncmitigationmode|dnsrecord.*", "default"),
    ("aws_lb_target_group", "lambdamultivalue.*|healthcheck.enabled|slowstart|proxyprotocolv2", "default"),
    ("aws_lb_target_group", "stickiness.cookieduration", "default"),
    ("kubernetes_deployment_v1", r".*container(\[\])?\.(tty|stdin|stdinonce|terminationmessagepath)", "default"),
    ("kubernetes_deployment_v1", r".*volumemount(\[\])?\.mountpropagation|.*projected\.defaultmode", "default"),
    ("kubernetes_deployment_v1", r"spec\.template\.spec\.(hostpid|hostnetwork|hostipc|restartpolicy)", "default"),
    ("kubernetes_deployment_v1", r"spec\.paused", "default"),
    ("kubernetes_service_v1", r"spec\.(publishnotreadyaddress|allocateloadbalancernodeport)", "default"),
]

UNKNOWN = "?"
REFERENCE = re.compile(r"\$\$|\$\{([^}]*)\}")


def name(key):
    """A name that both have: `capacityProviderStrategies` and `capacity_provider_strategy` are one."""
    key = key.replace("_", "").lower()
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if key.endswith(ending) and not key.endswith("ss"):
            return key[: len(key) - len(ending)] + instead
    return key


def form(value, unknown=False):
    """The one form of a value; None for what says nothing."""
    if unknown is True:
        return UNKNOWN
    if isinstance(value, dict):
        unknown = unknown if isinstance(unknown, dict) else {}
        found = {name(key): form(value.get(key), unknown.get(key)) for key in {**value, **unknown}}
        for key in ("default_mode", "mode"):
            # Terraform's provider takes octal text.
            if re.fullmatch("0[0-7]+", str(value.get(key))):
                found[name(key)] = str(int(value[key], 8))
        return {key: inner for key, inner in found.items() if inner is not None} or None
    if isinstance(value, list):
        unknown = unknown if isinstance(unknown, list) else []
        found = [form(one, unknown[index] if index < len(unknown) else False) for index, one in enumerate(value)]
        found = [one for one in found if one is not None]
        return (found[0] if len(found) == 1 else found) if found else None
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text[:1] in "[{":
        try:
            return form(json.loads(text))
        except ValueError:
            pass
    return text


def plan_resources(plan):
    for change in plan["resource_changes"]:
        if change["mode"] != "managed":
            continue
        values = form(change["change"]["after"], change["change"]["after_unknown"])
        yield change["type"], values if isinstance(values, dict) else {}


class Program:
    def __init__(self, document):
        self.document = document

    def lookup(self, reference):
        """What a resource was given as an input, if that is what the reference names."""
        root, *path = reference.split(".")
        value = self.document["resources"].get(root, {}).get("properties", {})
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value if path and isinstance(value, str) else None

    def resolved(self, value):
        if isinstance(value, dict):
            if set(value) == {"fn::toJSON"}:
                return self.resolved(value["fn::toJSON"])
            return {self.resolved(key): self.resolved(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.resolved(one) for one in value]
        if not isinstance(value, str):
            return value
        known = True

        def replacement(match):
            nonlocal known
            if match.group(1) is None:
                return "$"
            given = self.lookup(match.group(1))
            known = known and given is not None
            return str(self.resolved(given)) if given is not None else ""

        text = REFERENCE.sub(replacement, value)
        return text if known else Unknown()

    def default_tags(self):
        """Those that the provider gives each resource that takes tags."""
        for resource in self.document["resources"].values():
            if resource["type"] == "pulumi:providers:aws":
                return form(marked(self.resolved(resource["properties"]))).get("defaulttag", {}).get("tag", {})
        return {}

    def resources(self):
        for resource in self.document["resources"].values():
            type_, properties = resource["type"], self.resolved(resource.get("properties", {}))
            if type_.startswith("pulumi:providers:"):
                continue
            if type_ == "kubernetes:yaml/v2:ConfigGroup":
                for manifest in properties["objs"]:
                    yield "kubernetes_manifest", {"manifest": form(marked(manifest))}
                continue
            if type_ == "aws:ec2/securityGroup:SecurityGroup":
                yield from self.rules(properties)
                properties = {key: value for key, value in properties.items() if key not in ("ingress", "egress")}
            yield TYPES[type_], form(marked(properties)) or {}

    @staticmethod
    def rules(group):
        """Rules within a group, as the resources of their own that Terraform makes."""
        for direction in ("ingress", "egress"):
            for rule in group.get(direction, []):
                groups = rule.get("securityGroups", [])
                groups = groups if isinstance(groups, list) else [groups]
                peers = [("referencedsecuritygroupid", one) for one in groups]
                peers += [("cidripv4", cidr) for cidr in rule.get("cidrBlocks", [])]
                for key, peer in peers:
                    found = {key: peer, "ipprotocol": rule["protocol"], "description": rule.get("description")}
                    found["securitygroupid"] = Unknown()
                    if rule["protocol"] != "-1":
                        found |= {"fromport": rule["fromPort"], "toport": rule["toPort"]}
                    yield f"aws_vpc_security_group_{direction}_rule", form(marked(found))


class Unknown:
    """A reference to what is known only when it is there."""

    def __str__(self):
        return UNKNOWN


def marked(value):
    if isinstance(value, dict):
        return {str(key): marked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [marked(one) for one in value]
    return UNKNOWN if isinstance(value, Unknown) else value


def differences(left, right, path=""):
    """Paths where the two say different things, with both."""
    if left == right or UNKNOWN in (left, right):
        return
    if {type(left), type(right)} in ({dict}, {dict, type(None)}):
        left, right = left or {}, right or {}
        for key in sorted({**left, **right}):
            yield from differences(left.get(key), right.get(key), f"{path}.{key}".lstrip("."))
        return
    if isinstance(left, list) or isinstance(right, list):
        left, right = ([one] if not isinstance(one, list) else list(one) for one in (left or [], right or []))
        rest = []
        for one in left:
            match = next((other for other in right if not list(differences(one, other))), None)
            if match is None:
                rest.append(one)
            else:
                right.remove(match)
        for pair in pairs(rest, right):
            yield from differences(*pair, f"{path}[]")
        return
    yield path, left, right


def pairs(planned, asked):
    """Resources of one type, or entries of a list, each with the most alike of the other side."""
    asked = list(asked)
    for one in planned:
        best = min(asked, key=lambda other: len(list(differences(one, other))), default=None)
        if best is not None:
            asked.remove(best)
        yield one, best
    for other in asked:
        yield None, other


def compare(plan, program):
    planned, asked = {}, {}
    for type_, values in plan_resources(plan):
        planned.setdefault(type_, []).append(values)
    program = Program(program)
    tags = program.default_tags()
    for type_, values in program.resources():
        # Terraform has them on each resource that takes tags.
        is_rule = type_.startswith("aws_vpc_security_group_")
        if tags and not is_rule and any("tag" in other for other in planned.get(type_, [])):
            values["tag"] = values.get("tag", {}) | tags
        asked.setdefault(type_, []).append(values)
    for type_ in sorted({**planned, **asked}):
        for left, right in pairs(planned.get(type_, []), asked.get(type_, [])):
            if left is None or right is None:
                yield type_, "", left and "there", right and "there"
            else:
                for path, one, other in differences(left, right):
                    yield type_, path, one, other


def cases(arguments):
    """Name, plan and program of each manifest."""
    if arguments[0] != "--all":
        for label, plan, program in zip(*[iter(arguments)] * 3):
            yield label, json.loads(Path(plan).read_text()), json.loads(Path(program).read_text())
        return
    for plan, folder in zip(*[iter(arguments[1:])] * 2):
        changes = {}
        for change in json.loads(Path(plan).read_text())["resource_changes"]:
            changes.setdefault(re.search(r'\["([^"]*)"\]', change["module_address"]).group(1), []).append(change)
        for program in sorted(Path(folder).iterdir()):
            plan = {"resource_changes": changes.get(program.name, [])}
            yield (program / "name").read_text(), plan, json.loads((program / "Main.json").read_text())


def main():
    arguments = sys.argv[1:]
    is_all = arguments[:1] == ["--all"]
    if not arguments or (len(arguments) % 2 == 0 if is_all else len(arguments) % 3):
        sys.exit(__doc__)
    shown, bad = set(), False
    for label, plan, program in cases(arguments):
        for type_, path, left, right in compare(plan, program):
            entry = next(
                (
                    index
                    for index, (of, pattern, _) in enumerate(ACCEPTED)
                    if re.fullmatch(of, type_)
                    and re.fullmatch(pattern, f"{path}={left}" if "=" in pattern else path)
                ),
                None,
            )
            if entry is not None:
                shown.add(entry)
                continue
            bad = True
            print(f"{label}: {type_} {path or 'as a whole'}: terraform {left}, pulumi {right}")
    for index, entry in enumerate(ACCEPTED):
        if is_all and index not in shown:
            bad = True
            print(f"nobody shows the difference {entry[0]} {entry[1]}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
