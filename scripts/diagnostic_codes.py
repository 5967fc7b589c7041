#!/usr/bin/env python3
"""Keeps docs/diagnostics.md in step with the sources.

Prints the page with the part about AwsEcsService written anew from the rules in NORMAL-FORM.md, and
exits with 1 when a code that the sources print is not on it, or a code on it is in no source.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "diagnostics.md"
RULES = ROOT / "templates" / "AwsEcsService" / "NORMAL-FORM.md"
MARK = "<!-- From here on written by `make docs` from templates/AwsEcsService/NORMAL-FORM.md; do not edit. -->\n"

# Where a diagnostic is made, its code is the first text.
MADE = re.compile(
    r'(?:\b(?:error|warning|Diagnostic)\s*\(\s*(?:\.\w+,\s*)?(?:code:\s*)?|\bcode:\s*)"([a-z][a-z0-9.-]*)"'
)
# Some codes reach that place as an argument.
DOTTED = re.compile(r'"([a-z]+(?:\.[a-z0-9-]+)+)"')
FILE_NAMES = (".yaml", ".json", ".tfplan", ".tfrc")
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
        if code.split(".")[0] in families and not code.endswith(FILE_NAMES)
    }
    return made | dotted


def rules() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| `(ecs\.[a-z0-9.-]+)` \| (.*?) \| .*\|$", RULES.read_text(), re.MULTILINE)
    return sorted(rows)


def page() -> str:
    lines = [
        MARK,
        "## AwsEcsService",
        "",
        "The rules as [NORMAL-FORM.md](../templates/AwsEcsService/NORMAL-FORM.md#rules) has them, with the tables",
        "and words they refer to. Those marked *warning* do not stop anything.",
        "",
        "| code | rule |",
        "|---|---|",
        *(f"| `{code}` | {rule} |" for code, rule in rules()),
    ]
    return PAGE.read_text().split(MARK)[0] + "\n".join(lines) + "\n"


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
