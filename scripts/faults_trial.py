"""One trial of the fault program: a queue of its own, jobs, workers, and what must hold when all is over."""

import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLE = f"{ROOT}/templates/MicroserviceKubernetes/examples/minimal.yaml"


def read_json(path):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def is_running(identity):
    """Whether the process that an identity file names still runs, and is no later one with its pid."""
    try:
        with open(f"/proc/{identity['pid']}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return fields[0] not in "ZX" and int(fields[19]) == identity["start_ticks"]
    except (OSError, KeyError, TypeError, IndexError):
        return False


class Trial:
    """Jobs through a folder. `strike` of a row does the harm; everything else is the same for all rows."""

    def __init__(self, options, providers="plain", arguments=("--concurrency", "2", "--until-empty")):
        self.options = options
        self.random = random.Random(options.seed)
        self.home = tempfile.mkdtemp(prefix="stackjob-faults-")
        self.queue = f"{self.home}/queue"
        self.providers = providers
        self.arguments = list(arguments)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self.home, "STACKJOB_HOME": ROOT,
            "STACKJOB_STATE_HOME": f"{self.home}/state",
            # Long enough that harm is done in the middle of changes too.
            "STACKJOB_SANDBOX_FAULTS": json.dumps([{"do": "slow", "seconds": 1}]),
        }
        self.worker_environment = {}
        self.hits = {}
        self.submitted = []
        self.approvals = {}
        # Folders of stacks where something may be that no state knows.
        self.struck = set()
        # A stack whose engine was killed in mid-change may have things that no state knows, and every later job on it
        # would fail over them: the next jobs are for a new stack.
        self.stacks = list(range(options.stacks))
        self.next_stack = options.stacks
        self.worker = None
        self.tail = None
        self.updates_only = False
        os.makedirs(self.queue)

    # Doing

    def hit(self, what):
        self.hits[what] = self.hits.get(what, 0) + 1

    def run(self, *arguments):
        return subprocess.run(
            [self.options.binary, *arguments], env=self.environment, cwd=self.home, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def manifest(self, stack):
        with open(EXAMPLE) as file:
            text = file.read()
        path = f"{self.home}/service-{stack}.yaml"
        name = next(line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("  name:"))
        with open(path, "w") as file:
            file.write(text.replace(f"  name: {name}", f"  name: {name}-{stack}", 1))
        return path

    def submit(self, number, operation=None, stack=None):
        stack = self.stacks[number % len(self.stacks)] if stack is None else stack
        identity = f"job-{number}"
        operations = ["update"] if self.updates_only else ["update", "update", "preview"]
        command = [
            "submit", "--queue", self.queue, "--operation", operation or self.random.choice(operations),
            "--id", identity, "--sandbox", "--providers", self.providers, "--image", f"shop/web:{number}",
            self.manifest(stack),
        ]
        # What a full or read-only disk, or a server that is away, refuses is simply done again.
        for _ in range(60):
            done = self.run(*command)
            if done.returncode == 0:
                self.submitted.append(identity)
                return
            time.sleep(0.5)
        raise SystemExit(f"submit failed: {done.stderr}")

    def start_worker(self):
        with open(f"{self.home}/worker.log", "a") as log:
            return subprocess.Popen(
                [self.options.binary, "worker", "--queue", self.queue, *self.arguments],
                env={**self.environment, **self.worker_environment}, cwd=self.home, stdout=log, stderr=log,
            )

    def keep_working(self):
        if self.worker is None or self.worker.poll() is not None:
            self.worker = self.start_worker()

    def jobs(self):
        done = self.run("jobs", "--queue", self.queue, "--output", "json")
        try:
            return json.loads(done.stdout) if done.returncode == 0 else []
        except ValueError:
            return []

    def decide(self, jobs):
        """Interrupted changes wait for somebody: most are gone on with, as a person would."""
        for job in jobs:
            if job["status"] != "awaiting_approval":
                continue
            if self.random.random() < 0.8:
                self.run("approve", "--queue", self.queue, job["id"], "--digest", job["digest"])
                # One that seemed to fail may have arrived all the same.
                self.approvals[job["id"]] = self.approvals.get(job["id"], 0) + 1
            else:
                self.run("reject", "--queue", self.queue, job["id"])

    def drive(self, strike, rounds, seconds, pause=1.5, ahead=4):
        number, end = 0, time.monotonic() + seconds
        while sum(self.hits.values()) < rounds and time.monotonic() < end:
            jobs = self.jobs()
            self.decide(jobs)
            if number < ahead or sum(job["status"] != "completed" for job in jobs) < ahead:
                self.submit(number)
                number += 1
            self.keep_working()
            time.sleep(self.random.uniform(0, pause))
            strike(self)
        self.finish()

    def finish(self, seconds=300):
        """Left alone, everything has to come to an end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.worker is None or self.worker.poll() is not None:
                jobs = self.jobs()
                if jobs and all(job["status"] == "completed" for job in jobs):
                    break
                self.decide(jobs)
                self.worker = self.start_worker()
            time.sleep(0.2)
        self.stop_worker()

    def stop_worker(self):
        if self.worker and self.worker.poll() is None:
            self.worker.send_signal(signal.SIGCONT)
            self.worker.kill()
            self.worker.wait()

    def close(self):
        self.stop_worker()
        if self.options.keep:
            print(f"  {self.home}")
        else:
            shutil.rmtree(self.home, ignore_errors=True)

    # Finding

    def supervisor_files(self):
        return glob.glob(f"{self.queue}/jobs/*/attempts/*/supervisor.json")

    def lock_files(self):
        return glob.glob(f"{self.home}/state/sandbox/stacks/*/*/*/*/lock.json")

    def identities(self):
        found = [("supervisor", read_json(path)) for path in self.supervisor_files()]
        for path in self.lock_files():
            found.append(("engine", {**((read_json(path) or {}).get("engine") or {}), "lock": path}))
        return [(kind, identity) for kind, identity in found if identity and is_running(identity)]

    def providers_running(self):
        """Pids of providers, each with the process that started it."""
        found = []
        for path in glob.glob("/proc/[0-9]*"):
            try:
                if not os.path.basename(os.readlink(f"{path}/exe")).startswith("terraform-provider-"):
                    continue
                with open(f"{path}/environ", "rb") as file:
                    if self.home.encode() not in file.read():
                        continue
                with open(f"{path}/stat") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
                found.append((int(os.path.basename(path)), parent))
            except (OSError, ValueError, IndexError):
                continue
        return found

    def folder_of(self, pid):
        """The stack's folder whose lock names that process."""
        for path in self.lock_files():
            lock = read_json(path) or {}
            if pid in ((lock.get("process") or {}).get("pid"), (lock.get("engine") or {}).get("pid")):
                return os.path.dirname(path)
        return None

    def retire(self, folder):
        if folder is None:
            return
        self.struck.add(folder)
        for index, stack in enumerate(self.stacks):
            if folder.endswith(f"-{stack}"):
                self.stacks[index] = self.next_stack
                self.next_stack += 1

    def send(self, kind, number):
        """Sends a signal to one process of a kind; whether there was one."""
        if kind == "worker":
            if self.worker is None or self.worker.poll() is not None:
                return False
            targets = [{"pid": self.worker.pid}]
        elif kind == "provider":
            targets = [{"pid": pid, "parent": parent} for pid, parent in self.providers_running()]
        else:
            targets = [identity for found, identity in self.identities() if found == kind]
        if not targets:
            return False
        target = self.random.choice(targets)
        folder = self.folder_of(target.get("parent", target["pid"]))
        try:
            os.kill(target["pid"], number)
        except ProcessLookupError:
            return False
        self.hit(kind)
        if kind == "engine" and number == signal.SIGKILL or kind == "provider":
            self.retire(folder)
        elif kind == "supervisor" and number == signal.SIGKILL and self.providers == "accelerated":
            self.retire(folder)
        return True

    # What must hold

    def promises(self):
        jobs = {job["id"]: job for job in self.jobs()}
        forgotten, self.excused = self.forgotten()
        self.results = {}
        for job in jobs.values():
            self.results[str(job["result"])] = self.results.get(str(job["result"]), 0) + 1
        self.attempts = sum(job["attempts"] for job in jobs.values())
        self.interrupted = sum(len(job["interrupted_attempts"]) for job in jobs.values())
        return [
            ("every job is there once and has ended", self.lost(jobs)),
            ("no change was begun twice without a decision", self.twice()),
            ("no gap in an event log", self.gaps()),
            ("every state version is readable", self.states()),
            ("the newest state is what exists", forgotten),
            ("no lock has a living holder", self.locks()),
            ("no process is left", self.processes()),
            ("each stack takes another job", self.stuck()),
        ]

    def lost(self, jobs):
        return [name for name in self.submitted if jobs.get(name, {}).get("status") != "completed"]

    def unexpected(self, jobs, results=("succeeded",), attempts=1):
        """Jobs that ended otherwise than they should have, where nothing was to be noticed of the harm."""
        return [
            f"{job['id']}: {job['result']} after {job['attempts']}: {job['reason']}" for job in jobs
            if job["result"] not in results or attempts and job["attempts"] != attempts
        ]

    def events(self, path):
        with open(path, "rb") as file:
            # The last line of a process that was killed may be half of one.
            return [json.loads(line) for line in file.read().split(b"\n")[:-1]]

    def job_logs(self):
        """The event logs of each job's attempts."""
        logs = {}
        for path in glob.glob(f"{self.queue}/jobs/*/attempts/*/events.ndjson"):
            logs.setdefault(path.split("/")[-4], []).append(path)
        return logs

    def approved(self, job):
        try:
            with open(f"{self.queue}/jobs/{job}/audit.ndjson") as file:
                return sum(json.loads(line)["action"] == "approve" for line in file)
        except OSError:
            return 0

    def twice(self):
        """Jobs that began more changes than one and one for each approval."""
        broken = []
        for job, paths in self.job_logs().items():
            try:
                logs = [self.events(path) for path in paths]
            except ValueError:
                continue  # told as a gap
            begun = sum(any(event.get("phase") == "update" for event in log) for log in logs)
            if begun > 1 + self.approved(job):
                broken.append(f"{job}: {begun}")
        return broken

    def processes(self):
        """Whatever still runs with the trial's folder in its environment."""
        found = []
        for _ in range(50):
            found = []
            for path in glob.glob("/proc/[0-9]*/environ"):
                try:
                    with open(path, "rb") as file:
                        if f"STACKJOB_STATE_HOME={self.home}".encode() not in file.read():
                            continue
                    with open(os.path.dirname(path) + "/cmdline", "rb") as file:
                        command = file.read().replace(b"\0", b" ").decode()[:100]
                except OSError:
                    continue
                if command:
                    found.append(command)
            if not found:
                break
            time.sleep(0.1)  # one that ends needs a moment for it
        return found

    def gaps(self):
        logs = [path for paths in self.job_logs().values() for path in paths]
        logs += glob.glob(f"{self.home}/state/sandbox/stacks/*/*/*/*/jobs/*/events.ndjson")
        broken = []
        for path in logs:
            try:
                numbers = [event["seq"] for event in self.events(path)]
            except (ValueError, KeyError) as error:
                broken.append(f"{path}: {error}")
                continue
            if numbers != list(range(1, len(numbers) + 1)):
                broken.append(path)
        return broken

    def states(self):
        paths = glob.glob(f"{self.home}/state/sandbox/stacks/*/*/*/*/state/*.tfstate")
        return [path for path in paths if not isinstance((read_json(path) or {}).get("serial"), int)]

    def forgotten(self):
        """Where the sandbox and the newest state of a stack differ, and how much of that is excused.

        Excused is what an engine had made, or was making, when it was killed itself: only it knew. And behind the
        host of providers, what was being made when the supervisor died with its providers. And what a provider was
        making when it was killed.
        """
        broken, excused = [], 0
        for path in glob.glob(f"{self.home}/state/sandbox/stacks/*/*/*/*/sandbox.json"):
            folder = os.path.dirname(path)
            made = {
                (kind, identity)
                for kinds in (read_json(path) or {}).get("resources", {}).values()
                for kind, objects in kinds.items() for identity in objects
            }
            versions = sorted(glob.glob(f"{folder}/state/*.tfstate"))
            state = (read_json(versions[-1]) if versions else None) or {}
            known = {
                (resource["type"], instance["attributes"].get("id"))
                for resource in state.get("resources", []) if resource.get("mode") == "managed"
                for instance in resource["instances"]
            }
            differ = [f"unknown {kind} {identity}" for kind, identity in sorted(made - known)]
            if folder in self.struck:
                excused += len(differ)
                differ = []
            differ += [f"gone {kind} {identity}" for kind, identity in sorted(known - made)]
            broken += [f"{os.path.basename(folder)}: {text}" for text in differ]
        return broken, excused

    def locks(self):
        broken = []
        for path in self.lock_files():
            lock = read_json(path) or {}
            if is_running(lock.get("process")) or is_running(lock.get("engine")):
                broken.append(path)
        return broken

    def stuck(self):
        """Stacks on which a preview does not succeed now that all is quiet."""
        self.environment.pop("STACKJOB_SANDBOX_FAULTS", None)
        self.worker_environment = {}
        folders = glob.glob(f"{self.home}/state/sandbox/stacks/*/*/*/*/sandbox.json")
        stacks = sorted(int(path.split("/")[-2].rsplit("-", 1)[1]) for path in folders)
        if len(stacks) > 6:
            stacks = self.random.sample(stacks, 6)
        for stack in stacks:
            self.submit(1_000_000 + stack, "preview", stack)
        if not stacks:
            return []
        self.worker = self.start_worker()
        try:
            self.worker.wait(timeout=180)
        except subprocess.TimeoutExpired:
            self.stop_worker()
        names = [f"job-{1_000_000 + stack}" for stack in stacks]
        jobs = [job for job in self.jobs() if job["id"] in names]
        return self.unexpected(jobs) + ([] if len(jobs) == len(names) else ["some were lost"])


def note(text):
    print(text, file=sys.stderr, flush=True)
