#!/usr/bin/env python3
"""Drives the stand-in for Pulumi by Pulumi's own Automation API: what the official client asks of the CLI and reads
from it, the stand-in has to take and give. So it is not only made to fit our own commands.

  scripts/pulumi_automation.py BIN PROJECT

BIN holds `pulumi`, the stand-in, and its files; PROJECT is a folder that `stackjob render --engine pulumi` wrote. The
API is that of scripts/bootstrap --test. Says what it has done; exit 1 with a trace where an answer is another one than
expected.

The stand-in gives its version as 3.205.0 here: from the next on the client has events sent by gRPC instead of reading a
file, which no command of ours asks for.
"""

import json
import os
import sys
from pathlib import Path

SDK = Path(__file__).resolve().parent.parent / ".tools/pulumi"
sys.path.insert(0, str(SDK / "python"))

try:
    from pulumi import automation as auto
except ImportError as missing:
    sys.exit(f"the Automation API is not in {SDK}; run scripts/bootstrap --test ({missing})")

SECRET = "correct horse battery staple"


def control(folder, **wishes):
    (folder / "control.json").write_text(json.dumps({"version": "3.205.0", **wishes}))


def cloud(folder):
    return json.loads((folder / "cloud.json").read_text()) if (folder / "cloud.json").exists() else {}


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")
    print("ok", what)


def raises(kind, what, action):
    try:
        action()
    except kind:
        print("ok", what)
        return
    raise AssertionError(f"{what}: no {kind.__name__}")


def drive(folder, project):
    control(folder)
    backend = folder / "automation"
    backend.mkdir(exist_ok=True)
    environment = {
        "PULUMI_BACKEND_URL": f"file://{backend}", "PULUMI_CONFIG_PASSPHRASE": "open sesame",
        "PULUMI_HOME": str(folder / "home"),
    }
    options = auto.LocalWorkspaceOptions(env_vars=environment, work_dir=str(project))

    raises(auto.StackNotFoundError, "there is no such stack", lambda: auto.select_stack(
        "acme.test.web", work_dir=str(project), opts=options))
    stack = auto.create_or_select_stack("acme.test.web", work_dir=str(project), opts=options)
    raises(auto.StackAlreadyExistsError, "it is made once", lambda: auto.create_stack(
        "acme.test.web", work_dir=str(project), opts=options))
    auto.select_stack("acme.test.web", work_dir=str(project), opts=options)
    expect("it is listed", [item.name.split("/")[-1] for item in stack.workspace.list_stacks()], ["acme.test.web"])

    program = json.loads((project / "Main.json").read_text())
    names = program.get("config", {})
    for name in names:
        stack.set_config(name, auto.ConfigValue(SECRET, secret=True))
    found = stack.get_all_config()
    expect("config comes back", sorted((key.split(":")[1], item.value, item.secret) for key, item in found.items()),
           sorted((name, SECRET, True) for name in names))
    settings = (project / "Pulumi.acme.test.web.yaml").read_text()
    expect("it is in no file in clear", SECRET in settings, False)

    events = []
    preview = stack.preview(on_event=events.append)
    created = preview.change_summary["create"]
    expect("a preview counts", created > 3 and sum(1 for item in events if item.resource_pre_event) >= created, True)
    expect("a preview makes nothing", cloud(folder), {})

    events = []
    up = stack.up(on_event=events.append, message="the first")
    expect("an update succeeds", (up.summary.result, up.summary.kind, up.summary.message),
           ("succeeded", "update", "the first"))
    # The stack itself is counted, and is in no cloud.
    expect("it makes what was counted", len(cloud(folder)), created - 1)
    expect("it ends with a summary", sum(1 for item in events if item.summary_event), 1)
    expect("outputs come back", set(up.outputs), set(program.get("outputs", {})))
    expect("nothing is left to do", set(stack.preview().change_summary), {"same"})

    things = cloud(folder)
    gone = next(urn for urn in things if "pulumi:providers" not in urn)
    del things[gone]
    (folder / "cloud.json").write_text(json.dumps(things))
    expect("a refresh finds what is gone", stack.refresh().summary.resource_changes.get("delete"), 1)
    expect("and an update makes it again", stack.up().summary.resource_changes.get("create"), 1)

    state = stack.export_stack()
    text = json.dumps(state.deployment)
    if names:
        expect("an export shows secrets to who asks", SECRET in text, True)
    stack.import_stack(state)
    expect("an import takes it back", stack.export_stack().deployment["resources"], state.deployment["resources"])
    stored = "".join(path.read_text() for path in backend.rglob("*.json"))
    expect("and hides secrets again", SECRET in stored, False)

    locks = backend / ".pulumi/locks/organization" / stack.workspace.project_settings().name / "acme.test.web"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "other.json").write_text(json.dumps(
        {"pid": 1, "username": "other", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}))
    raises(auto.ConcurrentUpdateError, "a locked stack is not updated", stack.up)
    stack.cancel()
    expect("cancel takes the lock away", list(locks.iterdir()), [])

    control(folder, fault={"at": "log-group", "fails": "no room"})
    things = {urn: item for urn, item in cloud(folder).items() if not urn.endswith("::log-group")}
    if things != cloud(folder):
        (folder / "cloud.json").write_text(json.dumps(things))
        stack.refresh()
        raises(auto.CommandError, "a failed update is an error", stack.up)
    control(folder)
    stack.up()

    wrong = dict(environment, PULUMI_CONFIG_PASSPHRASE="another")
    stack.workspace.env_vars = wrong
    raises(auto.CommandError, "another passphrase is refused", stack.preview)
    stack.workspace.env_vars = environment

    expect("what was done is kept", [item.kind for item in stack.history()][-1], "update")
    raises(auto.CommandError, "a stack with resources is not removed", lambda: stack.workspace.remove_stack(
        "acme.test.web"))
    expect("a removal succeeds", stack.destroy().summary.result, "succeeded")
    expect("nothing is left", cloud(folder), {})
    stack.workspace.remove_stack("acme.test.web")
    expect("the stack is gone", stack.workspace.list_stacks(), [])


if __name__ == "__main__":
    folder, project = (Path(item).resolve() for item in sys.argv[1:3])
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    drive(folder, project)
    print("done")
