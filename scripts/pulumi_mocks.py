#!/usr/bin/env python3
"""Carries programs for Pulumi's YAML runtime out by the real classes of Pulumi's Python SDKs, with Pulumi's mocks.

  scripts/pulumi_mocks.py Main.json [Main.json ...]

A second opinion beside Tests/TranslationTests/ProgramChecker.swift, by code of others: each nested input is made as an
object of its class, which takes no unknown names and misses what is required; types, enums and constants are held
against the classes' own annotations; and what the SDK would register has to be what the program says. The part of
the runtime's language that our templates use is read here, so this does not show that the runtime agrees.

The SDKs are those of scripts/bootstrap --test. Prints a line for each problem; exit 1 if there is any.
"""

import collections.abc
import enum
import importlib
import inspect
import json
import logging
import pkgutil
import re
import sys
import types
import typing
import warnings
from pathlib import Path

SDK = Path(__file__).resolve().parent.parent / ".tools/pulumi"
# The two large ones are imported out of their archives: installing them would take longer than all of this.
sys.path[:0] = [str(SDK / "python"), *(str(path) for path in sorted(SDK.glob("wheels/pulumi_*.whl")))]

try:
    import pulumi
    from pulumi import _types as typed
except ImportError as missing:
    sys.exit(f"the SDKs are not in {SDK}; run scripts/bootstrap --test ({missing})")

# Deprecated properties that programs use all the same, and why.
DEPRECATED = {
    "failure_threshold": "Terraform's provider below 6 needs it, and both programs say the same",
}

REFERENCE = re.compile(r"\$\$|\$\{([^}]*)\}")
SECRET = "4dabf18193072939515e22adb298388d"


class Problem(Exception):
    """What the SDK does not take, with its place in the program."""


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


# MARK: Types of the SDK


def alternatives(hint):
    """What may be given for an annotation, without what may be given for every input."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        found = [one for part in typing.get_args(hint) for one in alternatives(part)]
        return [one for number, one in enumerate(found) if one not in found[:number]]
    if hint is type(None) or typing.get_origin(hint) in (collections.abc.Awaitable, pulumi.Output):
        return []
    # A dictionary with names of Python, beside the class of the same shape.
    if typing.is_typeddict(hint) or hint is pulumi.Output:
        return []
    if isinstance(hint, typing.ForwardRef):
        raise Problem(f"the SDK's annotation {hint} is not resolved")
    return [hint]


def input_class(resource):
    """The class that describes all inputs of a resource."""
    for overload in typing.get_overloads(resource.__init__):
        hint = inspect.signature(overload).parameters.get("args")
        for one in alternatives(hint.annotation) if hint else []:
            if inspect.isclass(one) and typed.is_input_type(one):
                return one
    raise Problem(f"{resource.__name__} has no class of inputs")


def sample(hint, text):
    """Something of an output's type."""
    hint = next(iter(alternatives(hint)), str)
    if hint in (int, float):
        return 1
    if hint is bool:
        return True
    if typing.get_origin(hint) in (collections.abc.Sequence, list):
        return [sample(typing.get_args(hint)[0], f"{text}[0]")]
    return text if hint is str else None


class SDKs:
    """Classes and functions by the tokens of Pulumi."""

    def __init__(self):
        self.resources = {}

    def resource(self, token):
        parts = token.split(":")
        package = parts[2] if token.startswith("pulumi:providers:") else parts[0]
        if package not in self.resources:
            text = pkgutil.get_data(f"pulumi_{package}", "__init__.py").decode()
            registered = json.loads(re.search(r'resource_modules="""(.*?)"""', text, re.S).group(1))
            self.resources[package] = {
                of: (entry["fqn"], name) for entry in registered for of, name in entry["classes"].items()
            }
        if token.startswith("pulumi:providers:"):
            return importlib.import_module(f"pulumi_{package}").Provider
        if token not in self.resources[package]:
            raise Problem(f"there is no type {token}")
        module, name = self.resources[package][token]
        return getattr(importlib.import_module(module), name)

    def function(self, token):
        """A function and the class of what it answers."""
        package, place, name = token.split(":")
        folder = place.split("/")[0]
        module = importlib.import_module(f"pulumi_{package}" + ("" if folder == "index" else f".{folder}"))
        found = getattr(module, f"{snake(name)}_output", None)
        if found is None:
            raise Problem(f"there is no function {token}")
        return found, getattr(module, f"{name[0].upper()}{name[1:]}Result")


class Mocks(pulumi.runtime.Mocks):
    """Every resource becomes what was asked for, and each output that is not an input something of its type."""

    def __init__(self, sdks):
        self.sdks = sdks
        self.registered = {}

    def new_resource(self, args):
        outputs = typed.resource_types(self.sdks.resource(args.typ))
        state = {name: sample(hint, f"{args.name}.{name}") for name, hint in outputs.items()}
        inputs = plain(args.inputs)
        self.registered[args.name] = inputs
        known = {name: value for name, value in state.items() if value is not None}
        return f"{args.name}.id", {**known, **inputs}

    def call(self, args):
        outputs = typed.output_type_types(self.sdks.function(args.token)[1])
        return {name: sample(hint, f"{args.token}.{name}") for name, hint in outputs.items()}


def plain(value):
    """Without the marks of secrets, and without null."""
    if isinstance(value, dict):
        if SECRET in value:
            return plain(value["value"])
        return {key: plain(inner) for key, inner in value.items() if inner is not None}
    return [plain(one) for one in value] if isinstance(value, list) else value


# MARK: Programs


class Program:
    def __init__(self, document, sdks):
        self.document = document
        self.sdks = sdks
        self.made = {
            name: pulumi.Output.secret(f"value of {name}") for name in document.get("config", {})
        }
        self.providers = {}
        self.making = []
        # What a resource is to be registered with, once everything is known.
        self.expected = {}

    def run(self):
        for section in self.document:
            if section not in ("config", "variables", "resources", "outputs"):
                raise Problem(f"{section} is no section")
        for name in [*self.document.get("variables", {}), *self.document["resources"]]:
            self.named(name)
        pulumi.Output.from_input(self.resolved(self.document.get("outputs", {}), "outputs"))

    def named(self, name):
        if name not in self.made:
            if name in self.making:
                raise Problem(f"{' -> '.join([*self.making, name])} is a cycle")
            self.making.append(name)
            if name in self.document["resources"]:
                self.made[name] = self.resource(name, self.document["resources"][name])
            elif name in self.document.get("variables", {}):
                self.made[name] = self.variable(name, self.document["variables"][name])
            else:
                raise Problem(f"{self.making[-2] if len(self.making) > 1 else 'outputs'} refers to {name}, not there")
            self.making.pop()
        return self.made[name]

    def variable(self, name, variable):
        if list(variable) != ["fn::invoke"] or not set(variable["fn::invoke"]) <= {"function", "arguments"}:
            raise Problem(f"{name} is no invoke")
        call = variable["fn::invoke"]
        function, _ = self.sdks.function(call["function"])
        for key in call.get("arguments", {}):
            if "_" in key:
                raise Problem(f"{name}: {key} is no argument")
        arguments = {snake(key): self.resolved(value, name) for key, value in call.get("arguments", {}).items()}
        return self.taking(name, lambda: function(**arguments))

    def resource(self, name, resource):
        unknown = set(resource) - {"type", "properties", "options", "defaultProvider"}
        if unknown:
            raise Problem(f"{name}: {sorted(unknown)} is no key of a resource")
        kind = self.sdks.resource(resource["type"])
        package = resource["type"].split(":")[0]
        if package == "pulumi":
            package = resource["type"].split(":")[2]
        elif package not in self.providers:
            for other, one in self.document["resources"].items():
                if one["type"] == f"pulumi:providers:{package}" and one.get("defaultProvider"):
                    self.providers[package] = self.named(other)
        properties = resource.get("properties", {})
        arguments = self.built(properties, input_class(kind), name)
        options = self.options(name, kind, resource.get("options", {}))
        if not resource["type"].startswith("pulumi:") and package in self.providers:
            options.provider = self.providers[package]
        self.expected[name] = pulumi.Output.from_input(self.resolved(properties, name))
        return self.taking(name, lambda: kind(name, arguments, options))

    def options(self, name, kind, options):
        known = typed.resource_pulumi_to_py_names(kind)
        made = {}
        for key, value in options.items():
            if key == "dependsOn":
                value = [self.whole(one, name) for one in value]
                for one in value:
                    if not isinstance(one, pulumi.Resource):
                        raise Problem(f"{name}.options.dependsOn: {one} is no resource")
            elif key == "customTimeouts":
                value = self.taking(f"{name}.options.{key}", lambda: pulumi.CustomTimeouts(**value))
            elif key == "ignoreChanges":
                for path in value:
                    if re.split(r"[.\[]", path)[0] not in known:
                        raise Problem(f"{name}.options.ignoreChanges: {kind.__name__} has no {path}")
            made[snake(key)] = value
        return self.taking(f"{name}.options", lambda: pulumi.ResourceOptions(**made))

    @staticmethod
    def taking(path, make):
        try:
            return make()
        except (TypeError, ValueError) as error:
            raise Problem(f"{path}: {error}") from error

    def built(self, value, hint, path):
        """A value as the SDK wants it: objects of its classes, all else as it is."""
        if isinstance(value, str) and REFERENCE.search(value):
            return self.text(value, path)
        if isinstance(value, dict) and list(value) == ["fn::toJSON"]:
            if str not in alternatives(hint):
                raise Problem(f"{path}: text for {hint}")
            return self.resolved(value, path)
        options = alternatives(hint)
        if typing.Any in options or not options:
            return self.resolved(value, path)
        # An enum beside any text: what is written here has to be in the enum all the same.
        if any(inspect.isclass(one) and issubclass(one, enum.Enum) for one in options):
            options = [one for one in options if one is not str]
        problems = []
        for one in options:
            try:
                return self.fitted(value, one, path)
            except Problem as problem:
                problems.append(problem)
        # The one that got furthest says most.
        raise max(problems, key=lambda problem: len(str(problem).split(":")[0]))

    def fitted(self, value, hint, path):
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal and value in arguments:
            return value
        if origin in (collections.abc.Mapping, dict) and isinstance(value, dict):
            return {
                self.key(key, path): self.built(inner, arguments[1], f"{path}.{key}") for key, inner in value.items()
            }
        if origin in (collections.abc.Sequence, list) and isinstance(value, list):
            return [self.built(one, arguments[0], f"{path}[{number}]") for number, one in enumerate(value)]
        if inspect.isclass(hint) and origin is None:
            if typed.is_input_type(hint) and isinstance(value, dict):
                names = {wire: name for name, wire in typed.input_type_py_to_pulumi_names(hint).items()}
                hints = typed.input_type_types(hint)
                for key in value:
                    if key not in names and key in names.values():
                        raise Problem(f"{path}: {hint.__name__} has no {key}: an unexpected keyword argument")
                made = {
                    # A name that is none goes in as it is, and the class refuses it.
                    names.get(key, key): self.built(inner, hints[key], f"{path}.{key}") if key in names else inner
                    for key, inner in value.items()
                }
                return self.taking(path, lambda: hint(**made))
            if issubclass(hint, enum.Enum):
                return self.taking(path, lambda: hint(value))
            if hint in (str, bool) and isinstance(value, hint):
                return value
            if hint is int and isinstance(value, int) and not isinstance(value, bool):
                return value
            if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
                return value
        raise Problem(f"{path}: {json.dumps(value)} is no {getattr(hint, '__name__', hint)}")

    def key(self, key, path):
        text = self.text(key, path)
        if not isinstance(text, str):
            raise Problem(f"{path}.{key}: a reference as a key")
        return text

    def resolved(self, value, path):
        """A value without types."""
        if isinstance(value, dict):
            if list(value) == ["fn::toJSON"]:
                return pulumi.Output.json_dumps(self.resolved(value["fn::toJSON"], path), sort_keys=True)
            for key in value:
                if key.lower().startswith("fn::"):
                    raise Problem(f"{path} calls {key}")
            return {self.key(key, path): self.resolved(inner, f"{path}.{key}") for key, inner in value.items()}
        if isinstance(value, list):
            return [self.resolved(one, f"{path}[{number}]") for number, one in enumerate(value)]
        return self.text(value, path) if isinstance(value, str) else value

    def text(self, text, path):
        if "$" not in text:
            return text
        left = REFERENCE.sub("", text)
        if "$" in left:
            raise Problem(f"{path}: {text} has a lone $")
        if re.fullmatch(r"\$\{[^}]*\}", text):
            return self.whole(text, path)
        parts, end = [], 0
        for match in REFERENCE.finditer(text):
            parts += [text[end : match.start()], "$" if match.group(1) is None else self.whole(match.group(), path)]
            end = match.end()
        parts.append(text[end:])
        if all(isinstance(part, str) for part in parts):
            return "".join(parts)
        return pulumi.Output.all(*parts).apply(lambda found: "".join(str(one) for one in found))

    def whole(self, text, path):
        """What a reference leads to."""
        root, *steps = text[2:-1].split(".")
        found = self.named(root)
        if steps and isinstance(found, pulumi.Resource):
            names = {"id": "id", "urn": "urn", **typed.resource_pulumi_to_py_names(type(found))}
            if steps[0] not in names:
                raise Problem(f"{path}: {type(found).__name__} has no {steps[0]}")
            found = getattr(found, names[steps.pop(0)])
        for step in steps:
            found = found.apply(lambda value, step=step: self.member(value, step, text, path))
        return found

    @staticmethod
    def member(value, step, text, path):
        if isinstance(value, dict) and step in value:
            return value[step]
        if not hasattr(value, snake(step)):
            raise Problem(f"{path}: {text} leads to nothing")
        return getattr(value, snake(step))


def differences(said, registered, path):
    """Places where the SDK registers something else than the program says."""
    if isinstance(said, dict) and isinstance(registered, dict):
        for key in sorted({**said, **registered}):
            # Constants of a type in Kubernetes, which a program need not write.
            if key in ("apiVersion", "kind") and key not in said and "." not in path:
                continue
            yield from differences(said.get(key), registered.get(key), f"{path}.{key}")
    elif isinstance(said, list) and isinstance(registered, list) and len(said) == len(registered):
        for number, pair in enumerate(zip(said, registered)):
            yield from differences(*pair, f"{path}[{number}]")
    elif said != registered and not (said in ({}, None) and registered in ({}, None)):
        yield f"{path}: the program says {json.dumps(said)}, registered is {json.dumps(registered)}"


class Notices(logging.Handler):
    """What the SDK logs: that something is deprecated."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = set()

    def emit(self, record):
        text = record.getMessage()
        if text.split(" ")[0] not in DEPRECATED:
            self.texts.add(text)


def carry_out(document, sdks):
    """The problems of a program, and how many resources were registered."""
    mocks, notices, logger = Mocks(sdks), Notices(), logging.Logger("pulumi")
    logger.addHandler(notices)
    pulumi.runtime.set_mocks(mocks, project="project", stack="stack", logger=logger)
    program = Program(document, sdks)
    said = {}

    @pulumi.runtime.test
    def all_of_it():
        program.run()
        return pulumi.Output.from_input(program.expected).apply(said.update)

    try:
        all_of_it()
    except Problem as problem:
        return [str(problem)], 0
    except Exception as error:  # what an SDK raises by itself is of any type
        return [f"{type(error).__name__}: {error}"], 0
    problems = sorted(notices.texts)
    for name in document["resources"]:
        if name not in mocks.registered:
            problems.append(f"{name} is not registered")
        elif not document["resources"][name]["type"].startswith("pulumi:"):
            problems += differences(plain(said[name]), mocks.registered[name], name)
    return problems, len(mocks.registered)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    # The same is logged, with more in it.
    warnings.simplefilter("ignore")
    sdks, bad, count = SDKs(), False, 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            problems, registered = carry_out(json.load(file), sdks)
        count += registered
        for problem in problems:
            bad = True
            print(f"{path}: {problem}")
    print(f"{len(sys.argv) - 1} programs, {count} resources")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
