"""Workers with and without started providers for their next jobs, with the real AWS provider."""

import json
import pathlib
import re
import signal
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable

from bench_measure import CannotRun, Table
from bench_providers import Memory
from bench_work import ROOT, LocalAWS, Setting

EXAMPLE = ROOT / "examples" / "ecs-web" / "service.yaml"


class PoolWorker:
    """A worker on a queue of its own."""

    def __init__(self, setting: Setting, name: str, size: int, concurrency: int) -> None:
        self.folder = setting.folder / name
        (self.folder / "incoming").mkdir(parents=True)
        self.log = setting.folder / f"{name}.log"
        arguments = ["--provider-pool", str(size), "--concurrency", str(concurrency), "--listen", "127.0.0.1:0"]
        with self.log.open("wb") as log:
            command = [setting.binary, "worker", "--queue", self.folder, *arguments]
            self.process = subprocess.Popen(
                command, env=setting.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def __enter__(self) -> "PoolWorker":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def put(self, name: str, text: str) -> None:
        path = self.folder / "incoming" / f".{name}.tmp"
        path.write_text(json.dumps({"id": name, "operation": "preview", "manifest": text}))
        path.rename(self.folder / "incoming" / f"{name}.json")

    def finished(self, name: str) -> dict[str, float]:
        """Waits for a job's end; how long it took, and how long its phases did."""
        status = self.folder / "jobs" / name / "status.json"
        self.wait(lambda: status.exists() and json.loads(status.read_text()).get("status") == "completed")
        path = self.folder / "jobs" / name / "attempts" / "1" / "events.ndjson"
        events = [json.loads(line) for line in path.read_text().splitlines()]
        if events[-1].get("result") != "succeeded":
            raise CannotRun(f"{name}: {events[-1].get('reason')}")
        seconds = {event["phase"]: event["seconds"] for event in events if event["type"] == "phase.finished"}
        return {**seconds, "job": events[-1]["seconds"]}

    def await_spares(self, number: int) -> None:
        address = re.search(r"listening on ([0-9.:]+)", self.log.read_text())
        if address is None:
            raise CannotRun(self.log.read_text()[-500:])

        def ready() -> bool:
            with urllib.request.urlopen(f"http://{address[1]}/metrics") as reply:
                return f"\nstackjob_spares {number}\n" in reply.read().decode()

        self.wait(ready)

    def wait(self, what: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                raise CannotRun(f"nothing came of it in {seconds:.0f} s: {self.log.read_text()[-500:]}")
            time.sleep(0.005)

    def memory(self, word: str) -> int:
        """Bytes of our descendants with a word on their command line, with shared pages counted once."""
        found = [pid for pid in Memory.tools() if word in read(pid, "cmdline") and self.process.pid in ancestors(pid)]
        return sum(Memory.proportional(pid) for pid in found)


def read(pid: int, name: str) -> str:
    try:
        return pathlib.Path(f"/proc/{pid}/{name}").read_text()
    except OSError:  # it has ended
        return ""


def ancestors(pid: int) -> list[int]:
    found = []
    while fields := read(pid, "stat").rpartition(")")[2].split():
        pid = int(fields[1])
        found.append(pid)
    return found


def jobs(table: Table, setting: Setting, count: int) -> None:
    table.section(f"Previews of examples/ecs-web by a worker, {count} one after another", "job", "init", "preview")
    with LocalAWS() as aws:
        setting.environment["AWS_ENDPOINT_URL"] = aws.endpoint
        with (
            PoolWorker(setting, "without", 0, 1) as without,
            PoolWorker(setting, "with", 1, 1) as pooled,
        ):
            found: dict[PoolWorker, list[dict[str, float]]] = {without: [], pooled: []}
            for number in range(count + 1):
                for worker in (without, pooled) if number % 2 else (pooled, without):
                    if number and worker is pooled:
                        worker.await_spares(1)
                    name = f"{worker.folder.name}-{number}"
                    worker.put(name, aws.manifest(name, EXAMPLE))
                    seconds = worker.finished(name)
                    if number:  # the first fills the caches
                        found[worker].append(seconds)
            for name, worker in [("no started provider", without), ("one started provider", pooled)]:
                cells = [statistics.median(one[key] for one in found[worker]) for key in ("job", "init", "preview")]
                table.row(name, *(f"{cell * 1000:.0f} ms" for cell in cells))


def idle(table: Table, setting: Setting, numbers: list[int]) -> None:
    table.section("Started AWS providers that wait", "providers", "their guards", "each, in all")
    with LocalAWS() as aws:
        setting.environment["AWS_ENDPOINT_URL"] = aws.endpoint
        for number in numbers:
            with PoolWorker(setting, f"idle-{number}", number, number) as worker:
                for job in range(number):
                    worker.put(f"idle-{number}-{job}", aws.manifest(f"idle-{number}-{job}", EXAMPLE))
                for job in range(number):
                    worker.finished(f"idle-{number}-{job}")
                worker.await_spares(number)
                providers, guards = worker.memory("terraform-provider-"), worker.memory("provider-spare")
                cells = [f"{size >> 20} MiB" for size in (providers, guards, (providers + guards) // number)]
                table.row(str(number), *cells)


def pool(table: Table, setting: Setting, quick: bool) -> None:
    jobs(table, setting, 4 if quick else 12)
    idle(table, setting, [1, 2] if quick else [1, 2, 4])
