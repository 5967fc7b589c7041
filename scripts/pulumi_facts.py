#!/usr/bin/env python3
"""Takes from Pulumi's Python SDKs what is known of the types that our templates use, into one file of facts.

The wheels are read, not run: names, types, required inputs and enums, and no text of the documentation.

  scripts/pulumi_facts.py            write the facts
  scripts/pulumi_facts.py --check    compare them with the committed file; exit 1 if it differs

The wheels are those that scripts/bootstrap --test has fetched; --wheels DIR names others. Their versions and digests
stand in scripts/requirements-pulumi.txt.
"""

import argparse
import ast
import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "Tests/Fixtures/pulumi/facts.json"
WHEELS = ROOT / ".tools/pulumi/wheels"


def pinned():
    """Versions and digests by the names of providers."""
    text = (ROOT / "scripts/requirements-pulumi.txt").read_text()
    found = re.findall(r"^pulumi-(\w+)==(\S+) ((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)", text, re.M)
    return {name: (version, re.findall(r"[0-9a-f]{64}", digests)) for name, version, digests in found}


class Module:
    """One Python file of a wheel: its classes and functions by name."""

    def __init__(self, path, source):
        self.path = path
        tree = ast.parse(source)
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        # `from ... import core as _core`: the folder that an alias names.
        self.aliases = {}
        folder = path.parent
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = folder
                for _ in range(node.level - 1):
                    base = base.parent
                for part in (node.module or "").split("."):
                    base = base / part if part else base
                for name in node.names:
                    self.aliases[name.asname or name.name] = base / name.name


class SDK:
    """A provider's SDK in its wheel."""

    def __init__(self, package, wheel):
        self.package = package
        self.archive = zipfile.ZipFile(wheel)
        self.root = Path(f"pulumi_{package}")
        self.names = set(self.archive.namelist())
        self.modules = {}
        self.types = {}
        text = self.archive.read(f"{self.root}/__init__.py").decode()
        registered = re.search(r'resource_modules="""(.*?)"""', text, re.S).group(1)
        self.tokens = {
            token: (Path(*entry["fqn"].split(".")), name)
            for entry in json.loads(registered)
            for token, name in entry["classes"].items()
        }

    def module(self, path):
        if path not in self.modules:
            self.modules[path] = Module(path, self.archive.read(str(path)).decode())
        return self.modules[path]

    def defining(self, folder, name):
        """The module under a folder that defines a class or function."""
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
        for file in (f"{name}.py", f"{snake}.py"):
            if str(folder / file) in self.names:
                return self.module(folder / file)
        raise SystemExit(f"{folder}: no module defines {name}")

    def properties(self, module, name):
        """Wire names of a class's getters with their annotations."""
        found = {}
        for node in module.classes[name].body:
            if not isinstance(node, ast.FunctionDef) or not node.decorator_list:
                continue
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if text == "pulumi.getter":
                    found[node.name] = (node.name, node.returns)
                elif text.startswith("pulumi.getter("):
                    found[node.name] = (ast.literal_eval(decorator.keywords[0].value), node.returns)
        return found

    def inputs(self, module, name):
        """Types and required names of an arguments class."""
        initializer = next(
            node
            for node in module.classes[name].body
            if isinstance(node, ast.FunctionDef) and node.name == "__init__"
        )
        arguments = initializer.args
        required = {a.arg for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults) if default is None}
        positional = arguments.args[1:]
        required |= {a.arg for a in positional[: len(positional) - len(arguments.defaults)]}
        properties, needed = {}, []
        for argument, (wire, annotation) in self.properties(module, name).items():
            # A name for each service of AWS, which no template sets.
            if (name, wire) == ("ProviderArgs", "endpoints"):
                continue
            properties[wire] = self.type(annotation, module)
            if argument in required:
                needed.append(wire)
        result = {"properties": dict(sorted(properties.items()))}
        if needed:
            result["required"] = sorted(needed)
        return result

    def type(self, node, module):
        """`string`, `[T]`, `{T}`, `#name`, `A|B`; what is optional or an input is no part of it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.type(ast.parse(node.value, mode="eval").body, module)
        if isinstance(node, ast.Subscript):
            outer = ast.unparse(node.value).split(".")[-1]
            inner = node.slice
            if outer in ("Input", "Optional", "Output", "Awaitable"):
                return self.type(inner, module)
            if outer in ("Sequence", "List"):
                return f"[{self.type(inner, module)}]"
            if outer in ("Mapping", "Dict"):
                return f"{{{self.type(inner.elts[1], module)}}}"
            if outer == "Union":
                return "|".join(sorted({self.type(element, module) for element in inner.elts}))
        text = ast.unparse(node)
        simple = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "Any": "any"}
        last = text.split(".")[-1]
        if last in simple:
            return simple[last]
        if last in ("Asset", "Archive", "AssetArchive") or text == "None":
            return "any"
        return self.named(text, module)

    def named(self, text, module):
        """A class of the SDK, noted down once."""
        *path, name = text.split(".")
        folder = module.path.parent
        if path:
            if path[0] in module.aliases:
                folder = module.aliases[path[0]]
            else:
                folder = self.root
                path = [path[0].lstrip("_"), *path[1:]]
                folder = folder / path[0]
            for part in path[1:]:
                folder = folder / part
        if folder.name in ("outputs", "_inputs", "_enums"):
            # Shapes of outputs are those of the inputs, or nothing that a template looks into.
            folder = folder.parent
        short = name.removesuffix("Args")
        key = f"{folder.relative_to(self.root)}:{short}"
        if key in self.types:
            return f"#{key}"
        enums = folder / "_enums.py"
        if str(enums) in self.names and name in self.module(enums).classes:
            self.types[key] = {
                "enum": [
                    ast.literal_eval(part.value)
                    for part in self.module(enums).classes[name].body
                    if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant)
                ]
            }
            return f"#{key}"
        inputs = folder / "_inputs.py"
        if name.endswith("Args") and str(inputs) in self.names and name in self.module(inputs).classes:
            self.types[key] = {}
            self.types[key] = self.inputs(self.module(inputs), name)
            return f"#{key}"
        if not name.endswith("Args"):
            return "any"
        raise SystemExit(f"{module.path}: {text} is not found")

    def resource(self, token):
        if token.startswith("pulumi:providers:"):
            folder, name = self.root, "Provider"
        else:
            if token not in self.tokens:
                raise SystemExit(f"{token} is no resource of pulumi-{self.package}")
            folder, name = self.tokens[token]
        module = self.defining(folder, name)
        arguments = f"{name}InitArgs" if f"{name}InitArgs" in module.classes else f"{name}Args"
        result = self.inputs(module, arguments)
        outputs = {wire: self.output(annotation) for wire, annotation in self.properties(module, name).values()}
        return {**result, "outputs": dict(sorted(outputs.items()))}

    @staticmethod
    def output(annotation):
        """As far as a template may use it: a scalar, a list of scalars, or something else."""
        text = ast.unparse(annotation) if annotation is not None else ""
        scalar = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
        found = re.findall(r"\b(str|int|float|bool|Sequence|Mapping|List|Dict)\b", text.replace("_builtins", ""))
        if len(found) == 1 and found[0] in scalar and "'" not in text:
            return scalar[found[0]]
        if len(found) == 2 and found[0] in ("Sequence", "List") and found[1] in scalar:
            return f"[{scalar[found[1]]}]"
        return "any"

    def function(self, token):
        _, place, name = token.split(":")
        place = place.split("/")[0]
        folder = self.root if place == "index" else self.root / place
        module = self.defining(folder, name)
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        node = module.functions[snake]
        if f"'{token}'" not in ast.unparse(node):
            raise SystemExit(f"{token} is not what {module.path} calls")
        wires = {
            part.targets[0].slice.value: part.value.id
            for part in ast.walk(node)
            if isinstance(part, ast.Assign)
            and isinstance(part.targets[0], ast.Subscript)
            and ast.unparse(part.targets[0].value) == "__args__"
        }
        types = {a.arg: a.annotation for a in node.args.args + node.args.kwonlyargs}
        first = name[0].upper() + name[1:]
        outputs = self.properties(module, f"{first}Result")
        return {
            "properties": {wire: self.type(types[name], module) for wire, name in sorted(wires.items())},
            "outputs": {wire: self.output(kind) for wire, kind in sorted(outputs.values())},
        }


def used():
    """Types and functions that the templates name."""
    resources, functions = set(), set()

    def walk(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "function" and isinstance(inner, str):
                    functions.add(inner)
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for path in sorted(ROOT.glob("templates/*/pulumi/*.json")):
        template = json.loads(path.read_text())
        resources |= {entry["type"] for entry in template.get("resources", [])}
        walk(template)
    return sorted(resources), sorted(functions)


def package(token):
    parts = token.split(":")
    return parts[2] if parts[0] == "pulumi" else parts[0]


def extract(folder):
    facts = {"packages": {}, "resources": {}, "functions": {}, "types": {}}
    resources, functions = used()
    for name, (version, digests) in pinned().items():
        wheel = folder / f"pulumi_{name}-{version}-py3-none-any.whl"
        if not wheel.exists():
            raise SystemExit(f"there is no {wheel}; run scripts/bootstrap --test")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in digests:
            raise SystemExit(f"{wheel.name} is not the one whose digest is in scripts/requirements-pulumi.txt")
        sdk = SDK(name, wheel)
        facts["packages"][name] = version
        for token in resources:
            if package(token) == name:
                facts["resources"][token] = sdk.resource(token)
        for token in functions:
            if package(token) == name:
                facts["functions"][token] = sdk.function(token)
        facts["types"][name] = dict(sorted(sdk.types.items()))
    return facts


def text(facts):
    """JSON with a line for each type, so that a new version's changes can be read."""

    def compact(value):
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    def block(entries):
        return "{\n" + ",\n".join(f'"{key}":{compact(entries[key])}' for key in sorted(entries)) + "\n}"

    types = ",\n".join(f'"{name}":{block(facts["types"][name])}' for name in sorted(facts["types"]))
    return (
        f'{{"packages":{compact(facts["packages"])},\n"resources":{block(facts["resources"])},\n'
        f'"functions":{block(facts["functions"])},\n"types":{{\n{types}\n}}}}\n'
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--wheels", type=Path, default=WHEELS)
    options = parser.parse_args()
    found = text(extract(options.wheels))
    if options.check:
        if not FACTS.exists() or FACTS.read_text() != found:
            print(f"{FACTS.relative_to(ROOT)} is not what the SDKs say; run scripts/pulumi_facts.py", file=sys.stderr)
            return 1
        print(f"{FACTS.relative_to(ROOT)}: as the SDKs say")
        return 0
    FACTS.parent.mkdir(parents=True, exist_ok=True)
    FACTS.write_text(found)
    print(f"wrote {FACTS.relative_to(ROOT)}, {len(found) >> 10} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
