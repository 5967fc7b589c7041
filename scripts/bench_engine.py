"""A stand-in for Terraform that answers at once, so that what is measured is stackjob itself."""

import json
import pathlib

SCRIPT = """#!/bin/sh
# Answers as Terraform would, from files made beforehand.
answers='{answers}'
case $1 in
  version) echo '{{"terraform_version":"1.11.4"}}' ;;
  init)
    cat "$answers/init"
    # The configuration that stackjob wrote is kept for the same steps by hand.
    [ -e "$answers/cli.tfrc" ] || cp "$TF_CLI_CONFIG_FILE" "$answers/cli.tfrc" ;;
  plan)
    for argument; do
      case $argument in -out=*) : > "${{argument#-out=}}" ;; esac
    done
    cat "$answers/plan" ;;
  show) cat "$answers/show" ;;
  apply) cat "$answers/apply" ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac
"""


class StubEngine:
    """A folder for the front of the PATH, with a `terraform` in it and what it answers."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.bin = folder / "bin"
        self.answers = folder / "answers"
        self.bin.mkdir(parents=True)
        self.answers.mkdir()
        script = self.bin / "terraform"
        script.write_text(SCRIPT.format(answers=self.answers))
        script.chmod(0o755)
        self.answer("init", [message("info", "Terraform has been successfully initialized!", "init_output")])
        changes = [change(index) for index in range(20)]
        summary = message("info", "Plan: 20 to add", "change_summary", changes=counts("plan"))
        self.answer("plan", [*(planned(entry) for entry in changes), summary])
        self.answer("show", [json.dumps({"format_version": "1.2", "resource_changes": changes})])
        steps = [step for entry in changes for step in (hook(entry, "apply_start"), hook(entry, "apply_complete"))]
        self.answer("apply", [*steps, message("info", "Done", "change_summary", changes=counts("apply"))])

    def answer(self, command: str, lines: list[str]) -> None:
        (self.answers / command).write_text("".join(f"{line}\n" for line in lines))

    def flood(self, count: int) -> int:
        """Makes `plan` write this many lines of log; the number of diagnostics among them is returned."""
        every = 10_000
        with (self.answers / "plan").open("w") as file:
            for number in range(count):
                if number % every == every - 1:
                    file.write(diagnostic(number) + "\n")
                else:
                    text = f"aws_ecs_service.main[{number}]: Reading something from the platform, attempt {number % 7}"
                    file.write(message("info", text, "log") + "\n")
            file.write(message("info", "Plan: 20 to add", "change_summary", changes=counts("plan")) + "\n")
        return count // every


def message(level: str, text: str, kind: str, **members: object) -> str:
    head = {"@level": level, "@message": text, "@module": "terraform.ui"}
    return json.dumps({**head, "@timestamp": "2026-03-01T09:30:00.250000Z", "type": kind, **members})


def counts(operation: str) -> dict[str, object]:
    return {"add": 20, "change": 0, "import": 0, "remove": 0, "operation": operation}


def change(index: int) -> dict[str, object]:
    values = {"name": f"group-{index}", "retention_in_days": 30, "tags": {"stack": "bench"}}
    return {
        "address": f"aws_cloudwatch_log_group.main[{index}]",
        "mode": "managed",
        "type": "aws_cloudwatch_log_group",
        "name": "main",
        "index": index,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": ["create"],
            "before": None,
            "after": values,
            "after_unknown": {"arn": True, "id": True},
            "before_sensitive": False,
            "after_sensitive": {},
        },
    }


def resource(entry: dict[str, object]) -> dict[str, object]:
    return {"addr": entry["address"], "resource_type": entry["type"], "resource_name": entry["name"]}


def planned(entry: dict[str, object]) -> str:
    return message(
        "info", "Plan to create", "planned_change", change={"resource": resource(entry), "action": "create"}
    )


def hook(entry: dict[str, object], kind: str) -> str:
    members = {"resource": resource(entry), "action": "create", "elapsed_seconds": 1, "id_value": "an-id"}
    return message("info", "Creating...", kind, hook=members)


def diagnostic(number: int) -> str:
    detail = {
        "severity": "warning",
        "summary": f"Argument {number} is deprecated",
        "detail": "Use another one instead.",
        "address": "aws_ecs_service.main",
    }
    return message("warn", "Warning: deprecated", "diagnostic", diagnostic=detail)
