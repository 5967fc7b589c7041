"""Forms of names and amounts in the Kubernetes API, and ways to look among objects."""

import ipaddress
import re

LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"  # RFC 1123 label
SERVICE_NAME = r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"  # RFC 1035 label
SUBDOMAIN = rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*"
PORT_NAME = r"(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?"
LABEL_NAME = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
QUANTITY = r"[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)(([numkMGTPE]|[KMGTPE]i)?|[eE][+-]?[0-9]+)"
VARIABLE = r"[\x21-\x3c\x3e-\x7e][\x20-\x3c\x3e-\x7e]*"
CONFIG_KEY = r"[-._a-zA-Z0-9]{1,253}"

UNITS = {
    "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60,
}


def is_form(form, text):
    return isinstance(text, str) and re.fullmatch(form, text, re.S) is not None


def is_label_key(key, prefix=SUBDOMAIN):
    *before, name = key.split("/", 1)
    return is_form(LABEL_NAME, name) and all(is_form(prefix, part) for part in before)


def is_label_value(value):
    return value == "" or is_form(LABEL_NAME, value)


def is_port(value):
    return isinstance(value, int) and 1 <= value <= 65535


def is_share(value, most=100):
    """A whole number, or a percentage."""
    if isinstance(value, int):
        return value >= 0
    return is_form(r"\d+%", value) and int(value[:-1]) <= most


def amount(quantity):
    number, unit = re.fullmatch(r"([-+.\d]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)", str(quantity)).groups()
    return float(number) * UNITS[unit]


def repeated(values):
    seen = set()
    return [value for value in values if value in seen or seen.add(value)]


def cidr_problem(text):
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        return str(error)
    return None


def of_kind(objects, kind):
    return [found for found in objects if found["kind"] == kind]


def name_of(found):
    return found["metadata"].get("name", "")


def pods(objects):
    """Each pod template with the object that holds it."""
    return [(found, found["spec"]["template"]) for found in of_kind(objects, "Deployment")]


def containers(template):
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def identity(found):
    return found["apiVersion"], found["kind"], found["metadata"].get("namespace"), name_of(found)


def labels(found, given, what):
    for key, value in given.items():
        if not is_label_key(key):
            yield found, f"{what} {key!r} is no qualified name"
        if not is_label_value(value):
            yield found, f"{what} {key} has the value {value!r}"


def selected_pods(namespace, selector, objects):
    return [
        template
        for holder, template in pods(objects)
        if holder["metadata"].get("namespace") == namespace
        and selector.items() <= template["metadata"].get("labels", {}).items()
    ]
