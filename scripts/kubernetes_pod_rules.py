"""What the Kubernetes API refuses of Deployments and their pods although the published schemas allow it."""

from kubernetes_forms import (
    CONFIG_KEY, LABEL, PORT_NAME, QUANTITY, SUBDOMAIN, VARIABLE, amount, cidr_problem, containers, is_form,
    is_label_key, is_label_value, is_port, is_share, labels, pods, repeated,
)

FIELD = (
    r"metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)"
    r"|status\.(hostIPs?|podIPs?)"
)
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def deployments(objects):
    for found, template in pods(objects):
        spec = found["spec"]
        selector = spec["selector"].get("matchLabels", {})
        if not selector:
            yield found, "the selector selects nothing"
        if not selector.items() <= template["metadata"].get("labels", {}).items():
            yield found, "the selector does not match the labels of its pods"
        rolling = spec.get("strategy", {}).get("rollingUpdate")
        if rolling is not None:
            if spec["strategy"].get("type") == "Recreate":
                yield found, "Recreate takes no rollingUpdate"
            surge, unavailable = rolling.get("maxSurge", "25%"), rolling.get("maxUnavailable", "25%")
            if not is_share(surge, most=float("inf")) or not is_share(unavailable):
                yield found, f"maxSurge {surge!r} or maxUnavailable {unavailable!r} is no number or percentage"
            if {surge, unavailable} <= {0, "0%"}:
                yield found, "maxSurge and maxUnavailable are both 0"
        if spec.get("progressDeadlineSeconds", 600) <= spec.get("minReadySeconds", 0):
            yield found, "progressDeadlineSeconds is not more than minReadySeconds"


def pod_specs(objects):
    for found, template in pods(objects):
        spec = template["spec"]
        names = [container["name"] for container in containers(template)]
        volumes = [volume["name"] for volume in spec.get("volumes", [])]
        for name in names + volumes:
            if not is_form(LABEL, name):
                yield found, f"container or volume {name!r} is no RFC 1123 label"
        for name in repeated(names) + repeated(volumes):
            yield found, f"two containers or volumes are called {name!r}"
        for volume in spec.get("volumes", []):
            if len(volume) != 2:
                yield found, f"volume {volume['name']} has {len(volume) - 1} sources"
        if not is_form(SUBDOMAIN, spec.get("serviceAccountName", "default")):
            yield found, "the service account's name is not allowed"
        yield from labels(found, spec.get("nodeSelector", {}), "node selector")
        for spread in spec.get("topologySpreadConstraints", []):
            if not is_label_key(spread["topologyKey"]) or spread["maxSkew"] < 1:
                yield found, f"topology spread over {spread['topologyKey']!r} by {spread['maxSkew']}"
            if "minDomains" in spread and spread["whenUnsatisfiable"] != "DoNotSchedule":
                yield found, "minDomains needs DoNotSchedule"
            own = set(spread.get("labelSelector", {}).get("matchLabels", {}))
            if own & set(spread.get("matchLabelKeys", [])):
                yield found, "a key is in both matchLabelKeys and labelSelector"
        pairs = [(one["topologyKey"], one["whenUnsatisfiable"]) for one in spec.get("topologySpreadConstraints", [])]
        for pair in repeated(pairs):
            yield found, f"two topology spreads over {pair}"
        for toleration in spec.get("tolerations", []):
            operator = toleration.get("operator", "Equal")
            if operator == "Exists" and toleration.get("value") or operator == "Equal" and not toleration.get("key"):
                yield found, f"toleration {toleration}"
            if "tolerationSeconds" in toleration and toleration.get("effect") != "NoExecute":
                yield found, "tolerationSeconds needs NoExecute"
        for alias in spec.get("hostAliases", []):
            if cidr_problem(alias["ip"]) or not all(is_form(SUBDOMAIN, name) for name in alias["hostnames"]):
                yield found, f"host alias {alias}"
        yield from node_affinity(found, spec)


def node_affinity(found, spec):
    wishes = spec.get("affinity", {}).get("nodeAffinity", {})
    for term in wishes.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", []):
        for wish in term.get("matchExpressions", []):
            operator, values = wish["operator"], wish.get("values", [])
            counted = {
                "In": len(values) > 0, "NotIn": len(values) > 0, "Exists": not values, "DoesNotExist": not values,
                "Gt": len(values) == 1, "Lt": len(values) == 1,
            }
            if not counted.get(operator, False) or not is_label_key(wish["key"]):
                yield found, f"node affinity {wish}"
            if operator in ("Gt", "Lt") and not all(is_form(r"-?\d+", value) for value in values):
                yield found, f"node affinity {wish}: no whole number"
            if not all(is_label_value(value) for value in values):
                yield found, f"node affinity {wish}: no label value"


def container_rules(objects):
    for found, template in pods(objects):
        volumes = {volume["name"] for volume in template["spec"].get("volumes", [])}
        for container in containers(template):
            for problem in one_container(container, volumes):
                yield found, f"container {container['name']}: {problem}"
        main = template["spec"]["containers"]
        for name in repeated([port["name"] for one in main for port in one.get("ports", []) if port.get("name")]):
            yield found, f"two ports of the pod are called {name!r}"


def one_container(container, volumes):
    image = container.get("image", "")
    if not image or image.strip() != image:
        yield f"image {image!r}"
    ports = container.get("ports", [])
    for port in ports:
        if not is_port(port["containerPort"]):
            yield f"containerPort {port['containerPort']}"
        if "name" in port and not is_form(PORT_NAME, port["name"]):
            yield f"port name {port['name']!r}"
        if port.get("protocol", "TCP") not in ("TCP", "UDP", "SCTP"):
            yield f"protocol {port['protocol']!r}"
    for pair in repeated([(port["containerPort"], port.get("protocol", "TCP")) for port in ports]):
        yield f"port {pair} is there twice"
    yield from environment(container)
    yield from mounts(container, volumes)
    yield from resources(container)
    yield from handlers(container, {port.get("name") for port in ports})
    yield from security(container.get("securityContext", {}))


def environment(container):
    for variable in container.get("env", []):
        if not is_form(VARIABLE, variable["name"]):
            yield f"variable {variable['name']!r}"
        source = variable.get("valueFrom")
        if source is not None and (variable.get("value") or len(source) != 1):
            yield f"variable {variable['name']} has no single source"
        for kind in ("configMapKeyRef", "secretKeyRef"):
            reference = (source or {}).get(kind)
            if reference and not (is_form(SUBDOMAIN, reference.get("name")) and is_form(CONFIG_KEY, reference["key"])):
                yield f"variable {variable['name']} refers to {reference}"
        if field := (source or {}).get("fieldRef"):
            if not is_form(FIELD, field["fieldPath"]):
                yield f"variable {variable['name']} is the field {field['fieldPath']!r}"
    for name in repeated([variable["name"] for variable in container.get("env", [])]):
        yield f"variable {name} is there twice"
    for source in container.get("envFrom", []):
        if len({"configMapRef", "secretRef"} & set(source)) != 1:
            yield f"envFrom has no single source: {source}"


def mounts(container, volumes):
    paths = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
    for path in repeated(paths):
        yield f"two mounts at {path}"
    for mount in container.get("volumeMounts", []):
        if mount["name"] not in volumes:
            yield f"mount of {mount['name']!r}, which is no volume of the pod"
        if not mount["mountPath"] or ":" in mount["mountPath"]:
            yield f"mountPath {mount['mountPath']!r}"
        part = mount.get("subPath", "")
        if part.startswith("/") or ".." in part.split("/"):
            yield f"subPath {part!r}"


def resources(container):
    given = container.get("resources", {})
    limits, requests = given.get("limits", {}), given.get("requests", {})
    for name, quantity in [*limits.items(), *requests.items()]:
        if not is_form(QUANTITY, str(quantity)):
            yield f"{name} {quantity!r} is no quantity"
            return
        if not is_label_key(name) or "/" not in name and not is_form(
            r"cpu|memory|ephemeral-storage|hugepages-.+", name
        ):
            yield f"there is no resource {name!r}"
    for name in set(limits) & set(requests):
        if amount(requests[name]) > amount(limits[name]):
            yield f"requests more {name} than its limit"
    for name in set(limits) | set(requests):
        if "/" in name and limits.get(name) != requests.get(name, limits.get(name)):
            yield f"request and limit of {name} differ"


def handlers(container, port_names):
    found = [(name, container[name]) for name in PROBES if name in container]
    for kind in ("preStop", "postStart"):
        if kind in container.get("lifecycle", {}):
            found.append((kind, container["lifecycle"][kind]))
    for name, handler in found:
        ways = {"exec", "httpGet", "tcpSocket", "grpc", "sleep"} & set(handler)
        if len(ways) != 1:
            yield f"{name} has {len(ways)} handlers"
        for way in ways & {"httpGet", "tcpSocket", "grpc"}:
            port = handler[way]["port"]
            if isinstance(port, int) and not is_port(port):
                yield f"{name}: port {port}"
            # The kubelet finds no port of a name that the container does not have.
            if isinstance(port, str) and port not in port_names:
                yield f"{name}: no port {port!r}"
        if name in PROBES:
            yield from probe(name, handler)


def probe(name, handler):
    for key, least in (("periodSeconds", 1), ("timeoutSeconds", 1), ("failureThreshold", 1), ("successThreshold", 1),
                       ("initialDelaySeconds", 0)):
        if handler.get(key, least) < least:
            yield f"{name}: {key} {handler[key]}"
    if name != "readinessProbe" and handler.get("successThreshold", 1) != 1:
        yield f"{name}: successThreshold is not 1"


def security(context):
    added = context.get("capabilities", {}).get("add", [])
    if context.get("allowPrivilegeEscalation") is False and (context.get("privileged") or "SYS_ADMIN" in added):
        yield "is privileged and may not escalate"
    profile = context.get("seccompProfile")
    if profile and (profile["type"] == "Localhost") != bool(profile.get("localhostProfile")):
        yield f"seccomp profile {profile}"
