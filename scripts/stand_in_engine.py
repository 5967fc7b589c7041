"""What the stand-in for Pulumi does to resources: none are real, a file beside it says what there is."""

import json
import os
import re
import signal
import sys
import time

from stand_in_backend import SECRET, SIGNATURE, Fault, write

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Events:
    """Lines as the real one writes them."""

    def __init__(self, control, copies):
        self.number, self.control, self.copies = 0, control, copies

    def say(self, kind, body):
        line = json.dumps({"sequence": self.number, "timestamp": int(time.time()), kind: body}, separators=(",", ":"))
        self.number += 1
        for stream in self.copies:
            stream.write(line + "\n")
            stream.flush()

    def diagnostic(self, severity, message, urn=None):
        prefix = {"error": "error: ", "warning": "warning: ", "debug": "debug: "}.get(severity, "")
        body = {"prefix": prefix, "message": message + "\n", "color": "never", "severity": severity}
        self.say("diagnosticEvent", {"urn": urn, **body} if urn else body)


class Engine:
    """One preview, update, refresh or destroy."""

    def __init__(self, backend, crypter, events, control, folder):
        self.backend, self.crypter, self.events, self.control, self.folder = backend, crypter, events, control, folder
        self.signals, self.counts, self.failed = 0, {}, False
        self.latest = backend.latest()
        self.resources = {item["urn"]: item for item in self.latest.get("resources", [])}
        self.pending = self.latest.get("pending_operations", [])
        self.cloud_file = os.path.join(folder, "cloud.json")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.interrupt)
        for name, value in backend.settings()[1].items():
            if name.endswith(":kubeconfig"):
                # So does the plugin for Kubernetes, and leaves it there.
                write(os.path.join(os.environ.get("TMPDIR", "/tmp"), "kubeconfig123"), crypter.decrypt(value["secure"]))

    def interrupt(self, *_):
        self.signals += 1
        write(os.path.join(self.folder, "interrupted"), str(self.signals))
        if self.signals == 1 and not self.control.get("deaf"):
            self.events.say("stdoutEvent", {"message": "^C received; cancelling. If you would like to terminate "
                                                       "immediately, press ^C again.\n", "color": "never"})
        elif self.signals > 1 and not self.control.get("deaf twice"):
            self.events.say("stdoutEvent", {"message": "terminating\n", "color": "never"})
            self.backend.unlock()
            os._exit(self.code(1, 255))

    @property
    def cancelled(self):
        return self.signals > 0 and not self.control.get("deaf")

    def code(self, new, old):
        return new if self.control.get("codes") == "new" else old

    # What is there

    def cloud(self):
        return json.load(open(self.cloud_file)) if os.path.exists(self.cloud_file) else {}

    def change_cloud(self, urn, inputs):
        cloud = self.cloud()
        cloud.pop(urn, None)
        if inputs is not None:
            cloud[urn] = self.plain(inputs)
        write(self.cloud_file, json.dumps(cloud, indent=1))

    # The program

    def urn(self, name, type):
        return f"urn:pulumi:{self.backend.stack}::{self.backend.project}::{type}::{name}"

    def program(self):
        """The program's resources by URN, with inputs whose references are resolved as far as they can be."""
        try:
            document = json.load(open("Main.json"))
        except ValueError as error:
            raise Fault(f"failed to discover package requirements: <nil>: yaml: {error}", 255)
        _, config = self.backend.settings()
        values = {name.split(":")[-1]: value for name, value in config.items()}
        for name in document.get("config", {}):
            if name not in values:
                raise Fault(f"Error: missing required configuration variable '{self.backend.project}:{name}'", 1)
        named = {name: self.urn(item.get("name", name), item["type"]) for name, item in document["resources"].items()}
        outputs = document.get("outputs", {})
        self.outputs = {name: self.resolved(value, values, named) for name, value in outputs.items()}
        return {named[name]: (item["type"], self.resolved(item.get("properties", {}), values, named))
                for name, item in document["resources"].items()}

    def resolved(self, value, config, named):
        if isinstance(value, dict):
            return {key.replace("$$", "$"): self.resolved(item, config, named) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item, config, named) for item in value]
        if not isinstance(value, str):
            return value
        if match := re.fullmatch(r"\$\{([A-Za-z0-9_.\-\[\]\"]+)\}", value):
            root = re.split(r"[.\[]", match[1])[0]
            if root in config:
                found = config[root]
                return {SIGNATURE: SECRET, "ciphertext": found["secure"]} if isinstance(found, dict) else found
            return f"of {match[1]}"
        return re.sub(r"\$\{([^}]*)\}", r"of \1", value).replace("$$", "$")

    def plain(self, value):
        """Secrets in clear, for comparing."""
        if isinstance(value, dict):
            if SIGNATURE in value:
                return "secret " + str(hash_of(self.crypter.decrypt(value["ciphertext"])))
            return {key: self.plain(item) for key, item in value.items()}
        return [self.plain(item) for item in value] if isinstance(value, list) else value

    def masked(self, value):
        if isinstance(value, dict):
            return "[secret]" if SIGNATURE in value else {key: self.masked(item) for key, item in value.items()}
        return [self.masked(item) for item in value] if isinstance(value, list) else value

    # Steps

    def state(self, urn, type, inputs, id=""):
        shown = self.masked(inputs)
        return {"type": type, "urn": urn, "custom": True, "id": id, "parent": "", "inputs": shown, "outputs": shown,
                "provider": ""}

    def metadata(self, op, urn, type, old, new, differences=None):
        return {"op": op, "urn": urn, "type": type, "old": old and self.state(urn, type, old, "id-" + urn[-4:]),
                "new": new is not None and self.state(urn, type, new) or None, "detailedDiff": differences,
                "provider": ""}

    def step(self, op, urn, type, old, new, planning, differences=None):
        """Tells and does one step. Its end may have another name, for a refresh."""
        name = urn.split("::")[-1]
        begin = "refresh" if planning == "refresh" else op
        extra = {"planning": True} if planning is True else {}
        metadata = self.metadata(begin, urn, type, old, new, differences)
        self.events.say("resourcePreEvent", {"metadata": metadata, **extra})
        if planning is not True and op not in ("same",) and planning != "refresh":
            if not self.work(op, urn, name, type, new):
                return False
        self.events.say("resOutputsEvent", {"metadata": self.metadata(op, urn, type, old, new, differences), **extra})
        self.counts[op] = self.counts.get(op, 0) + 1
        return True

    def work(self, op, urn, name, type, new):
        self.pending.append({"resource": {"urn": urn, "type": type, "custom": True},
                             "type": {"create": "creating", "delete": "deleting"}.get(op, "updating")})
        self.save()
        fault = self.control.get("fault", {})
        if fault.get("at") == name:
            self.misbehave(fault)
        if self.cancelled or fault.get("at") == name and fault.get("fails"):
            self.pending.pop()
            message = "operation was cancelled" if self.cancelled else fault["fails"]
            if self.cancelled and op == "create":
                self.change_cloud(urn, new)
                self.resources[urn] = {"urn": urn, "type": type, "custom": True, "inputs": new, "initErrors": [message]}
            metadata = self.metadata(op, urn, type, None, new)
            self.events.say("resOpFailedEvent", {"metadata": metadata, "status": 1, "steps": 1})
            self.events.diagnostic("error", message, urn)
            self.failed = True
            self.save()
            return False
        self.change_cloud(urn, new)
        self.pending.pop()
        if new is None:
            self.resources.pop(urn, None)
        else:
            self.resources[urn] = {"urn": urn, "type": type, "custom": True, "id": "id-" + urn[-4:], "inputs": new}
        self.save()
        return True

    def misbehave(self, fault):
        if fault.get("hold"):
            self.start_plugin(fault)
            # Until a signal comes, or the test lets it go on.
            while not self.cancelled and not os.path.exists(os.path.join(self.folder, "go")):
                time.sleep(0.01)
        if fault.get("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        if fault.get("truncate"):
            sys.stdout.write('{"sequence":99,"timestamp":1,"resOutputs')
            sys.stdout.flush()
            os._exit(255)

    def start_plugin(self, fault):
        """A plugin has a process group of its own, and goes on when the engine is killed."""
        if not fault.get("plugin"):
            return
        if os.fork() == 0:
            os.setpgid(0, 0)
            for number in (0, 1, 2):
                os.dup2(os.open("/dev/null", os.O_RDWR), number)
            write(os.path.join(self.folder, "plugin.pid"), str(os.getpid()))
            while True:
                time.sleep(1)
        while not os.path.exists(os.path.join(self.folder, "plugin.pid")):
            time.sleep(0.01)

    def save(self):
        provider = self.backend.provider
        keys = {"salt": self.crypter.salt, **({"url": provider} if provider else {})}
        self.latest = {**self.latest, "manifest": {"version": "stand-in"}, "resources": list(self.resources.values()),
                       "secrets_providers": {"type": "cloud" if provider else "passphrase", "state": keys}}
        self.latest.pop("pending_operations", None)
        if self.pending:
            self.latest["pending_operations"] = self.pending
        self.backend.save(self.latest)

    # Operations

    def planned(self, replaced=()):
        """What an update would do, by URN: the step's name, type, inputs before and after."""
        wanted = self.program()
        stack = self.urn(f"{self.backend.project}-{self.backend.stack}", "pulumi:pulumi:Stack")
        wanted = {stack: ("pulumi:pulumi:Stack", {}), **wanted}
        steps = []
        for urn, (type, new) in wanted.items():
            old = self.resources.get(urn)
            if old is None:
                steps.append(("create", urn, type, None, new))
            else:
                same = self.plain(old["inputs"]) == self.plain(new) and not old.get("initErrors")
                op = "replace" if urn in replaced else "same" if same else "update"
                steps.append((op, urn, type, old["inputs"], new))
        gone = [item for urn, item in self.resources.items() if urn not in wanted]
        return steps + [("delete", item["urn"], item["type"], item["inputs"], None) for item in reversed(gone)]

    def look(self, planning):
        """Brings what is there into the state."""
        cloud = self.cloud()
        for urn, item in list(self.resources.items()):
            there = cloud.get(urn)
            old = item["inputs"]
            if item["type"].startswith("pulumi:") or there == self.plain(old):
                op, new, differences = "same", old, {}
            elif there is None:
                op, new, differences = "delete", None, None
                self.resources.pop(urn)
            else:
                op, new = "update", there
                differences = {key: {"diffKind": "update", "inputDiff": False} for key in sorted(set(old) | set(there))
                               if there.get(key) != self.plain(old).get(key)}
                item["inputs"] = there
            extra = {"planning": True} if planning else {}
            metadata = self.metadata("refresh", urn, item["type"], old, old)
            self.events.say("resourcePreEvent", {"metadata": metadata, **extra})
            self.events.say("resOutputsEvent",
                            {"metadata": self.metadata(op, urn, item["type"], old, new, differences), **extra})
            self.counts[op] = self.counts.get(op, 0) + 1


def hash_of(text):
    import hashlib
    return hashlib.sha256(("stand-in" + text).encode()).hexdigest()[:12]
