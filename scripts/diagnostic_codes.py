#!/usr/bin/env python3
"""Keeps docs/diagnostics.md in step with the sources.

Prints the page with the parts about single kinds written anew from the rules in their NORMAL-FORM.md, and
exits with 1 when a code that the sources print is not on it, or a code on it is in no source.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "diagnostics.md"
KINDS = {"AwsEcsService": "ecs", "MicroserviceKubernetes": "k8s"}
MARK = "<!-- From here on written by `make docs` from the NORMAL-FORM.md of each kind; do not edit. -->\n"

# Where a diagnostic is made, its code is the first text.
MADE = re.compile(
    r'(?:\b(?:error|warning|Diagnostic)\s*\(\s*(?:\.\w+,\s*)?(?:code:\s*)?|\bcode:\s*)"([a-z][a-z0-9.-]*)"'
)
# Some codes reach that place as an argument.
DOTTED = re.compile(r'"([a-z][a-z0-9]*(?:\.[a-z0-9-]+)+)"')
FILE_NAMES = (".yaml", ".json", ".tfplan", ".tfrc")
# Groups of labels are named like hosts.
HOSTS = (".dev", ".org")
# Dotted names that are types of events.
EVENTS = "JobEvent+JSON.swift"


def codes_in_sources() -> set[str]:
    texts = {path: path.read_text() for path in sorted((ROOT / "Sources").rglob("*.swift"))}
    made = {match.group(1) for text in texts.values() for match in MADE.finditer(text)}
    families = {code.split(".")[0] for code in made}
    dotted = {
        code
        for path, text in texts.items()
        if path.name != EVENTS
        for code in DOTTED.findall(text)
        if code.split(".")[0] in families and not code.endswith(FILE_NAMES + HOSTS)
    }
    return made | dotted


def rules(kind: str, family: str) -> list[tuple[str, str]]:
    text = (ROOT / "templates" / kind / "NORMAL-FORM.md").read_text()
    return sorted(re.findall(rf"^\| `({family}\.[a-z0-9.-]+)` \| (.*?) \| .*\|$", text, re.MULTILINE))


def section(kind: str, family: str) -> list[str]:
    return [
        f"## {kind}",
        "",
        f"The rules as [NORMAL-FORM.md](../templates/{kind}/NORMAL-FORM.md#rules) has them, with the tables",
        "and words they refer to. Those marked *warning* do not stop anything.",
        "",
        "| code | rule |",
        "|---|---|",
        *(f"| `{code}` | {rule} |" for code, rule in rules(kind, family)),
        "",
    ]


def page() -> str:
    lines = [line for kind, family in KINDS.items() for line in section(kind, family)]
    return PAGE.read_text().split(MARK)[0] + "\n".join([MARK, *lines])


def main() -> None:
    text = page()
    print(text, end="")
    listed = set(re.findall(r"^\| `([a-z][a-z0-9.-]*)` \|", text, re.MULTILINE))
    found = codes_in_sources()
    for code in sorted(found - listed):
        print(f"docs/diagnostics.md: {code} is not on the page", file=sys.stderr)
    for code in sorted(listed - found):
        print(f"docs/diagnostics.md: {code} is in no source", file=sys.stderr)
    sys.exit(found != listed)


if __name__ == "__main__":
    main()
