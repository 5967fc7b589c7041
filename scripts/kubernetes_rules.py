"""What the Kubernetes API refuses, or a cluster makes nothing of, although the published schemas allow it.

From the API's own documentation and validation. Each rule gets all objects of one plan and yields what is wrong.
"""

import ipaddress
import re

from kubernetes_forms import (
    CONFIG_KEY, LABEL, PORT_NAME, SERVICE_NAME, SUBDOMAIN, cidr_problem, containers, identity, is_form, is_label_key,
    is_port, is_share, labels, name_of, of_kind, pods, repeated, selected_pods,
)
from kubernetes_pod_rules import container_rules, deployments, pod_specs

NAME_FORMS = {"Service": SERVICE_NAME, "Namespace": LABEL}

# What cannot change while the object lives. A plan that updates it in place fails at apply.
IMMUTABLE = {
    "Deployment": [("spec", "selector")],
    "Secret": [("type",)],
    "Service": [("spec", "clusterIP")],
}


# MARK: Names and labels


def metadata(objects):
    for found in objects:
        yield from named(found)
        blocks = [found["metadata"]]
        blocks += [template["metadata"] for holder, template in pods(objects) if holder is found]
        for block in blocks:
            yield from labels(found, block.get("labels", {}), "label")
            for key in block.get("annotations", {}):
                if not is_label_key(key.lower()):
                    yield found, f"annotation {key!r} is no qualified name"
            if sum(len(key) + len(value) for key, value in block.get("annotations", {}).items()) > 256 * 1024:
                yield found, "annotations are larger than 256 KiB"
    for found, again in [(found, None) for found in objects]:
        twins = [other for other in objects if identity(other) == identity(found)]
        if again is None and len(twins) > 1:
            yield found, "there are two objects of this kind and name"


def named(found):
    form = NAME_FORMS.get(found["kind"], SUBDOMAIN)
    if not is_form(form, name_of(found)):
        yield found, f"name {name_of(found)!r} is not allowed for this kind"
    namespace = found["metadata"].get("namespace")
    if found["kind"] != "Namespace" and not is_form(LABEL, namespace):
        yield found, f"namespace {namespace!r} is no RFC 1123 label"


# MARK: What leads to the pods


def services(objects):
    for found in of_kind(objects, "Service"):
        spec = found["spec"]
        ports = spec.get("ports", [])
        if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
            yield found, "has no ports"
        for port in ports:
            target = port.get("targetPort", port["port"])
            if not is_port(port["port"]) or isinstance(target, int) and not is_port(target):
                yield found, f"port {port['port']} to {target}"
            if isinstance(target, str) and not is_form(PORT_NAME, target):
                yield found, f"targetPort {target!r}"
            if len(ports) > 1 and not is_form(LABEL, port.get("name")):
                yield found, f"of several ports one is called {port.get('name')!r}"
            if port.get("nodePort") and spec.get("type", "ClusterIP") == "ClusterIP":
                yield found, "a ClusterIP has no node port"
        for name in repeated([port.get("name") for port in ports]):
            yield found, f"two ports are called {name!r}"
        for pair in repeated([(port["port"], port.get("protocol", "TCP")) for port in ports]):
            yield found, f"port {pair} is there twice"
        if spec.get("externalTrafficPolicy") and spec.get("type") not in ("NodePort", "LoadBalancer"):
            yield found, "externalTrafficPolicy needs a NodePort or LoadBalancer"
        for source in spec.get("loadBalancerSourceRanges", []):
            if cidr_problem(source):
                yield found, cidr_problem(source)
        yield from targets(found, objects)


def targets(service, objects):
    selected = selected_pods(service["metadata"].get("namespace"), service["spec"].get("selector", {}), objects)
    if service["spec"].get("selector") and not selected:
        yield service, "selects no pods of this plan"
    for template in selected:
        ports = [port for one in template["spec"]["containers"] for port in one.get("ports", [])]
        for port in service["spec"].get("ports", []):
            target = port.get("targetPort", port["port"])
            protocol = port.get("protocol", "TCP")
            # The provider takes no SCTP port of a container; a number is enough for the Service.
            if protocol == "SCTP" and isinstance(target, int):
                continue
            same = [one for one in ports if one.get("protocol", "TCP") == protocol]
            if not any(target in (one.get("name"), one["containerPort"]) for one in same):
                yield service, f"leads to {target}/{protocol}, which no container has"


def ingresses(objects):
    for found in of_kind(objects, "Ingress"):
        spec = found["spec"]
        if not spec.get("rules") and not spec.get("defaultBackend"):
            yield found, "has neither rules nor a default backend"
        if not is_form(SUBDOMAIN, spec.get("ingressClassName", "any")):
            yield found, f"class {spec['ingressClassName']!r}"
        hosts = [rule.get("host", "") for rule in spec.get("rules", [])]
        for host in hosts + [host for tls in spec.get("tls", []) for host in tls.get("hosts", [])]:
            if host and not is_form(rf"(\*\.)?{SUBDOMAIN}", host):
                yield found, f"host {host!r}"
        for rule in spec.get("rules", []):
            for path in rule.get("http", {}).get("paths", []):
                if path.get("pathType") not in ("Exact", "Prefix", "ImplementationSpecific"):
                    yield found, f"pathType {path.get('pathType')!r}"
                place = path.get("path", "/" if path.get("pathType") == "ImplementationSpecific" else "")
                if not place.startswith("/") or re.search(r"//|/\.{1,2}(/|$)|%2[fF]", place):
                    yield found, f"path {place!r}"
                yield from backend(found, path["backend"], objects)


def backend(ingress, given, objects):
    service = given.get("service")
    if service is None or ("name" in service.get("port", {})) == ("number" in service.get("port", {})):
        yield ingress, f"a backend has no service or no single port: {given}"
        return
    namespace = ingress["metadata"].get("namespace")
    found = [one for one in of_kind(objects, "Service") if identity(one)[2:] == (namespace, service["name"])]
    wanted = service["port"].get("name", service["port"].get("number"))
    ports = [port for one in found for port in one["spec"].get("ports", [])]
    if not any(wanted in (port.get("name"), port["port"]) for port in ports):
        yield ingress, f"leads to {service['name']}:{wanted}, which is not there"


def network_policies(objects):
    for found in of_kind(objects, "NetworkPolicy"):
        spec = found["spec"]
        yield from labels(found, spec["podSelector"].get("matchLabels", {}), "selector")
        directions = set(spec.get("policyTypes", []))
        if not directions <= {"Ingress", "Egress"} or "egress" in spec and "Egress" not in directions:
            yield found, f"policyTypes {sorted(directions)} with rules for {sorted({'ingress', 'egress'} & set(spec))}"
        if not selected_pods(found["metadata"].get("namespace"), spec["podSelector"].get("matchLabels", {}), objects):
            yield found, "selects no pods of this plan"
        for rule in spec.get("ingress", []) + spec.get("egress", []):
            for port in rule.get("ports", []):
                yield from policy_port(found, port)
            for peer in rule.get("from", []) + rule.get("to", []):
                yield from policy_peer(found, peer)


def policy_port(found, given):
    port, end = given.get("port"), given.get("endPort")
    if isinstance(port, int) and not is_port(port) or isinstance(port, str) and not is_form(PORT_NAME, port):
        yield found, f"port {port!r}"
    if end is not None and not (isinstance(port, int) and port <= end <= 65535):
        yield found, f"endPort {end} for port {port!r}"
    if given.get("protocol", "TCP") not in ("TCP", "UDP", "SCTP"):
        yield found, f"protocol {given['protocol']!r}"


def policy_peer(found, peer):
    if not peer or "ipBlock" in peer and len(peer) > 1:
        yield found, f"a peer is nobody or two things at once: {peer}"
    for kind in ("podSelector", "namespaceSelector"):
        yield from labels(found, peer.get(kind, {}).get("matchLabels", {}), "selector")
    block = peer.get("ipBlock")
    if not block:
        return
    for text in [block["cidr"], *block.get("except", [])]:
        if cidr_problem(text):
            yield found, cidr_problem(text)
            return
    whole = ipaddress.ip_network(block["cidr"])
    for text in block.get("except", []):
        part = ipaddress.ip_network(text)
        if part.version != whole.version or not part.subnet_of(whole) or part == whole:
            yield found, f"{text} is no part of {block['cidr']}"


# MARK: How many there are


def autoscalers(objects):
    for found in of_kind(objects, "HorizontalPodAutoscaler"):
        spec = found["spec"]
        least, most = spec.get("minReplicas", 1), spec["maxReplicas"]
        if not 1 <= least <= most:
            yield found, f"minReplicas {least}, maxReplicas {most}"
        target = spec["scaleTargetRef"]
        wanted = (target.get("apiVersion"), target["kind"], found["metadata"].get("namespace"), target["name"])
        scaled = [one for one in objects if identity(one) == wanted]
        if not scaled:
            yield found, f"scales {target}, which is not there"
        for metric in spec.get("metrics", []):
            yield from one_metric(found, metric, scaled)
        for direction, rules in spec.get("behavior", {}).items():
            if not 0 <= rules.get("stabilizationWindowSeconds", 0) <= 3600:
                yield found, f"{direction}: stabilizationWindowSeconds"
            if rules.get("policies") == []:
                yield found, f"{direction} has no policy"
            for policy in rules.get("policies", []):
                kind, value, seconds = policy["type"], policy["value"], policy["periodSeconds"]
                if kind not in ("Pods", "Percent") or value < 1 or not 1 <= seconds <= 1800:
                    yield found, f"{direction}: policy {policy}"


def one_metric(found, metric, scaled):
    source = metric["type"][0].lower() + metric["type"][1:]
    if set(metric) != {"type", source}:
        yield found, f"a metric of type {metric['type']} has {sorted(set(metric) - {'type'})}"
        return
    target = metric[source]["target"]
    values = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}
    if set(target) != {"type", values.get(target["type"])}:
        yield found, f"target {target}"
    name = metric[source].get("name", metric[source].get("metric", {}).get("name"))
    if not name:
        yield found, "a metric has no name"
    if target["type"] != "Utilization":
        return
    for one in scaled:
        running = one["spec"]["template"]["spec"]["containers"]
        for container in running:
            if source == "containerResource" and container["name"] != metric[source]["container"]:
                continue
            given = container.get("resources", {})
            if name not in {**given.get("requests", {}), **given.get("limits", {})}:
                yield found, f"is a share of the {name} that {container['name']} does not request"


def disruption_budgets(objects):
    for found in of_kind(objects, "PodDisruptionBudget"):
        given = [found["spec"][key] for key in ("minAvailable", "maxUnavailable") if key in found["spec"]]
        if len(given) != 1 or not all(is_share(value) for value in given):
            yield found, f"minAvailable and maxUnavailable: {given}"
        selector = found["spec"].get("selector", {}).get("matchLabels", {})
        if not selected_pods(found["metadata"].get("namespace"), selector, objects):
            yield found, "selects no pods of this plan"


# MARK: What pods read


def configuration(objects):
    for found in of_kind(objects, "ConfigMap") + of_kind(objects, "Secret"):
        data = {**found.get("data", {}), **found.get("binaryData", {})}
        for key in data:
            if not is_form(CONFIG_KEY, key) or key in (".", ".."):
                yield found, f"key {key!r}"
        if sum(len(value.encode()) for value in data.values()) > 1024 * 1024:
            yield found, "is larger than 1 MiB"
    # Only a ConfigMap's keys are in a plan; a Secret's are written without being shown.
    made = {identity(found)[2:]: found for found in of_kind(objects, "ConfigMap")}
    for holder, template in pods(objects):
        for container in containers(template):
            for variable in container.get("env", []):
                reference = variable.get("valueFrom", {}).get("configMapKeyRef")
                config = reference and made.get((holder["metadata"].get("namespace"), reference["name"]))
                if config and reference["key"] not in config.get("data", {}):
                    yield holder, f"{variable['name']}: {name_of(config)} has no {reference['key']!r}"
        for volume in template["spec"].get("volumes", []):
            config = made.get((holder["metadata"].get("namespace"), volume.get("configMap", {}).get("name")))
            for item in volume.get("configMap", {}).get("items", []) if config else []:
                if item["key"] not in config.get("data", {}):
                    yield holder, f"volume {volume['name']}: {name_of(config)} has no {item['key']!r}"


RULES = (
    metadata, deployments, pod_specs, container_rules, services, ingresses, network_policies, autoscalers,
    disruption_budgets, configuration,
)


def problems(objects):
    for rule in RULES:
        for found, problem in rule(objects):
            yield f"{found['kind']} {name_of(found)}: {problem}"


def update_problems(before, after):
    """What is wrong with an update in place of one object."""
    fixed = [("metadata", "name"), ("metadata", "namespace"), *IMMUTABLE.get(after["kind"], [])]
    for place in fixed:
        if at(before, place) != at(after, place):
            yield f"{after['kind']} {name_of(after)}: {'.'.join(place)} cannot change in place"


def at(value, place):
    for step in place:
        value = value.get(step, {})
    return value
