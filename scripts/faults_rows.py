"""The rows of the fault matrix: which harm is done, and how often."""

import os
import resource
import shutil
import signal
import subprocess
import time

from faults_http import FAULTS, STEPS, HTTPTrial
from faults_trial import ROOT, Trial

class CannotRun(Exception):
    """A row that this machine does not allow."""


def kills(options, trial=None):
    trial = trial or Trial(options, providers=options.providers)

    def strike(trial):
        trial.send(trial.random.choice(["worker", "supervisor", "engine"]), signal.SIGKILL)

    return trial, lambda: trial.drive(strike, options.kills, options.seconds)


def http_kills(options):
    trial = HTTPTrial(options)

    def strike(trial):
        kind = trial.random.choice(["worker", "supervisor", "engine", "server"])
        trial.kill_server() if kind == "server" else trial.send(kind, signal.SIGKILL)

    return trial, lambda: trial.drive(strike, options.rounds * 2, 180)


def signals(kind, number, providers="plain", arguments=None):
    def row(options):
        more = {"arguments": arguments} if arguments else {}
        trial = Trial(options, providers=providers, **more)
        trial.updates_only = kind == "provider"
        return trial, lambda: trial.drive(lambda trial: trial.send(kind, number), options.rounds, 180, pause=2.5)

    return row


def polite(options):
    """SIGTERM to the worker, which then waits for what runs; once for each worker."""
    trial = Trial(options)

    def strike(trial):
        if getattr(trial.worker, "was_asked", False):
            return
        if trial.send("worker", signal.SIGTERM):
            trial.worker.was_asked = True

    return trial, lambda: trial.drive(strike, options.rounds, 180, pause=2.5)


def impatient(options):
    """SIGTERM to the worker, and a second one a moment later."""
    trial = Trial(options)

    def strike(trial):
        if trial.send("worker", signal.SIGTERM):
            time.sleep(trial.random.uniform(0, 0.5))
            if trial.worker.poll() is None:
                trial.worker.send_signal(signal.SIGTERM)

    return trial, lambda: trial.drive(strike, options.rounds, 180, pause=2.5)


# Disks

def can_mount(options):
    return options.mounts


def mount(*arguments):
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotRun(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


class Disk:
    """A small file system of its own for one folder of a trial, which can be filled up, or made read-only."""

    def __init__(self, trial, folder, size="12m"):
        self.trial, self.folder = trial, folder
        os.makedirs(folder, exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
        close = trial.close

        def unmount():
            trial.stop_worker()
            if not trial.options.keep:
                subprocess.run(["umount", "-l", folder])
            close()

        trial.close = unmount

    def full(self, seconds):
        path = f"{self.folder}/.filler"
        left = self.trial.random.choice([0, 0, 4096, 16384, 65536])
        try:
            free = os.statvfs(self.folder)
            with open(path, "wb") as file:
                file.write(bytes(max(0, free.f_bavail * free.f_frsize - left)))
        except OSError:
            pass  # as full as can be
        time.sleep(seconds)
        os.unlink(path)

    def read_only(self, seconds):
        # On top of it: what is open for writing keeps a file system from being made read-only itself.
        mount("--bind", self.folder, self.folder)
        mount("-o", "remount,bind,ro", self.folder)
        time.sleep(seconds)
        subprocess.run(["umount", "-l", self.folder], check=True)


def full_disk(place):
    def row(options):
        trial = HTTPTrial(options) if place == "spool" else Trial(options)
        folder = {
            "queue": f"{trial.home}/queue", "spool": f"{trial.home}/state/spool",
            # Without the sandbox's providers, which are larger than all that is to be filled.
            "state": f"{trial.home}/state/sandbox/stacks",
        }
        if not can_mount(options):
            return limited(trial, options)
        disk = Disk(trial, folder[place])

        def strike(trial):
            disk.full(trial.random.uniform(0.3, 5))
            trial.hit(f"{place} full")

        return trial, lambda: trial.drive(strike, options.rounds, 180, pause=2.5)

    return row


def limited(trial, options):
    """Without mounts: no file of a worker, its supervisors and engines may grow beyond some bytes for a while."""
    start = trial.start_worker

    def strike(trial):
        trial.stop_worker()
        size = trial.random.choice([0, 512, 4096, 32768])
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            trial.worker = start()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        trial.hit("RLIMIT_FSIZE")

    return trial, lambda: trial.drive(strike, options.rounds, 180, pause=2.5)


def read_only(options):
    if not can_mount(options):
        raise CannotRun("needs a mount namespace of its own")
    trial = Trial(options)
    disk = Disk(trial, f"{trial.home}/queue", size="64m")

    def strike(trial):
        disk.read_only(trial.random.uniform(0.3, 2))
        trial.hit("read-only queue")

    return trial, lambda: trial.drive(strike, options.rounds, 180, pause=2.5)


# Clocks and leases

def clock(options):
    trial = Trial(options)
    library, offset = f"{trial.home}/clock.so", f"{trial.home}/clock"
    compiler = next((name for name in ("cc", "clang") if shutil.which(name)), None)
    command = [compiler or "cc", "-shared", "-fPIC", "-O1", "-o", library, f"{ROOT}/scripts/faults_clock.c"]
    if compiler is None or subprocess.run(command, capture_output=True).returncode != 0:
        trial.close()
        raise CannotRun("there is no C compiler")
    trial.worker_environment = {"LD_PRELOAD": library, "STACKJOB_FAULTS_CLOCK": offset}

    def jump(seconds):
        with open(f"{offset}.new", "w") as file:
            file.write(str(seconds))
        os.replace(f"{offset}.new", offset)

    def strike(trial):
        jump(trial.random.choice([-86400, -3600, -40, 0, 40, 3600, 86400]))
        trial.hit("clock set")

    return trial, lambda: trial.drive(strike, options.rounds * 3, 120, pause=2)


def two_workers(options):
    """A worker is stopped until another one has taken its jobs over, and then goes on."""
    trial = Trial(options, arguments=["--concurrency", "2"])
    trial.updates_only = True

    def strike(trial):
        if not any(kind == "supervisor" for kind, _ in trial.identities()):
            return
        first = trial.worker
        first.send_signal(signal.SIGSTOP)
        second = trial.start_worker()
        time.sleep(33)
        first.send_signal(signal.SIGCONT)
        trial.hit("lease outlived")
        time.sleep(2)
        first.terminate()
        first.wait()
        trial.worker = second

    def go():
        trial.drive(strike, 2, 150)

    def finish(seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            jobs = trial.jobs()
            if jobs and all(job["status"] == "completed" for job in jobs):
                break
            trial.decide(jobs)
            trial.keep_working()
            time.sleep(0.3)
        trial.stop_worker()
        trial.arguments = ["--until-empty"]

    trial.finish = finish
    return trial, go


# The network

def network(step):
    def row(options):
        trial = HTTPTrial(options)
        trial.is_unnoticed = True
        left = [dict(fault) for fault in FAULTS]
        trial.random.shuffle(left)

        def strike(trial):
            if left and trial.spent() >= len(FAULTS) - len(left):
                trial.inject(STEPS[step], left.pop())
            trial.hits = {"faults": trial.spent()}

        return trial, lambda: trial.drive(strike, len(FAULTS), 150, pause=0.8)

    return row


def server(options):
    trial = HTTPTrial(options)
    trial.is_unnoticed = True
    return trial, lambda: trial.drive(lambda trial: trial.kill_server(), options.rounds, 150, pause=2)


ROWS = {
    "kills": ("kill -9 of worker, supervisor, engine at random", kills),
    "term-worker": ("SIGTERM of the worker", polite),
    "term-worker-twice": ("SIGTERM of the worker, twice", impatient),
    "term-supervisor": ("SIGTERM of a supervisor", signals("supervisor", signal.SIGTERM)),
    "term-engine": ("SIGTERM of an engine", signals("engine", signal.SIGTERM)),
    "term-provider": ("SIGTERM of a provider", signals("provider", signal.SIGTERM)),
    "kill-provider": ("kill -9 of a provider", signals("provider", signal.SIGKILL)),
    "kill-provider-host": ("kill -9 of a provider behind the host", signals("provider", signal.SIGKILL, "accelerated")),
    "full-queue": ("no room in the queue", full_disk("queue")),
    "full-state": ("no room in the state home", full_disk("state")),
    "full-spool": ("no room in the spool, over HTTP", full_disk("spool")),
    "read-only": ("the queue cannot be written to", read_only),
    "clock": ("the clock is set, forward and back", clock),
    "two-workers": ("a worker that sleeps longer than its lease", two_workers),
    "http-server": ("kill -9 of the server", server),
    "http-claims": ("network: asking for a claim", network("claims")),
    "http-lease": ("network: confirming and renewing", network("lease")),
    "http-events": ("network: sending events", network("events")),
    "http-artefacts": ("network: sending files", network("artefacts")),
    "http-result": ("network: reporting", network("result")),
    "http-kills": ("kill -9 of server, worker, supervisor, engine, over HTTP", http_kills),
}
