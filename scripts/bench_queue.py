"""What a queue and its worker cost, with an engine that answers at once."""

import datetime
import hashlib
import json
import os
import pathlib
import signal
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable

from bench_engine import StubEngine
from bench_measure import CannotRun, Table, Watcher, mib, ms, target
from bench_work import EXAMPLES, Setting, manifest

# A Terraform that says one thing so many times in a plan.
REPEATING = """#!/bin/sh
case $1 in
  plan)
    for argument; do
      case $argument in -out=*) : > "${{argument#-out=}}" ;; esac
    done
    i=0
    while [ $i -lt {times} ]; do {say}; i=$((i + 1)); done
    exec cat '{answers}/plan' ;;
  *) exec '{terraform}' "$@" ;;
esac
"""
TIME_LINE = """{"@level":"info","@message":"at '$(date +%s.%N)' end","@module":"terraform.ui","type":"log"}"""
SAY_THE_TIME = f"echo '{TIME_LINE}'; sleep 0.05"

DEAF_APPLY = """#!/bin/sh
case $1 in
  apply)
    trap 'date +%s.%N > "{mark}"; exit 1' INT
    while :; do sleep 0.01; done ;;
  *) exec '{terraform}' "$@" ;;
esac
"""


class Queue:
    """A queue in a folder of its own, and workers on it."""

    def __init__(self, setting: Setting, stub: StubEngine, name: str) -> None:
        self.setting = setting
        self.folder = setting.folder / name
        self.environment = {**setting.environment, "PATH": f"{stub.bin}:{setting.path}"}
        self.call("jobs")

    def call(self, *arguments: str) -> str:
        command = [self.setting.binary, *arguments, "--queue", self.folder]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout

    def put(self, number: int, operation: str, stack: int) -> None:
        """As an orchestrator would: a whole document under its final name in one step."""
        document = {
            "id": f"job-{number}",
            "operation": operation,
            "manifest": manifest(f"bench-{stack}", EXAMPLES / "minimal.yaml"),
        }
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        path = incoming / f".{number}.tmp"
        path.write_text(json.dumps(document))
        path.rename(incoming / f"job-{number}.json")

    def worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.setting.folder / "worker.log").open("ab") as log:
            command = [self.setting.binary, "worker", "--queue", self.folder, *arguments]
            return subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def job(self, number: int) -> pathlib.Path:
        return self.folder / "jobs" / f"job-{number}"

    def record(self, number: int) -> dict[str, object]:
        try:
            found: dict[str, object] = json.loads((self.job(number) / "status.json").read_text())
            return found
        except (OSError, ValueError):
            return {}

    def events(self, number: int) -> list[dict[str, object]]:
        path = self.job(number) / "attempts" / "1" / "events.ndjson"
        try:
            return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
        except OSError:
            return []

    def wait(self, what: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                raise CannotRun(f"nothing came of it in {seconds:.0f} s; {self.call('jobs')[-500:]}")
            time.sleep(0.002)


def stamp(text: object) -> float:
    return datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()


def times(values: list[float], limit: float | None) -> tuple[list[str], str]:
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    note = target(f"{limit * 1000:.0f} ms", late < limit) if limit else ""
    return [ms(statistics.median(ordered)), ms(late), ms(ordered[-1])], note


def latencies(table: Table, setting: Setting, stub: StubEngine, count: int) -> None:
    """One job after another on a worker that waits for them."""
    queue = Queue(setting, stub, "queue-latency")
    queue.put(0, "preview", 0)
    worker = queue.worker()
    claimed: list[float] = []
    begun: list[float] = []
    ended: list[float] = []
    try:
        queue.wait(lambda: queue.record(0).get("status") == "completed")
        for number in range(1, count + 1):
            put = time.time()
            queue.put(number, "preview", number % 4)
            queue.wait(lambda: queue.record(number).get("status") == "completed")
            done = (queue.job(number) / "status.json").stat().st_mtime
            events = queue.events(number)
            starts = [stamp(event["time"]) for event in events if event["type"] == "tool.started"]
            ends = [stamp(event["time"]) for event in events if event["type"] == "tool.finished"]
            if not starts:
                raise CannotRun(f"job-{number}: {queue.record(number).get('reason')}")
            claim = stamp(queue.record(number)["started"])
            claimed.append(claim - put)
            begun.append(starts[0] - claim)
            ended.append(done - ends[-1])
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()
    table.section(f"A warm worker, {count} jobs one after another", "median", "95 of 100", "worst")
    for name, values, limit in [
        ("file in incoming to claim", claimed, None),
        ("claim to the engine's start", begun, 0.1),
        ("the engine's end to the final status", ended, 0.1),
    ]:
        cells, note = times(values, limit)
        table.row(name, *cells, note=note)


def cancels(table: Table, setting: Setting, stub: StubEngine, count: int) -> None:
    folder = setting.folder / "deaf"
    folder.mkdir()
    mark = folder / "heard"
    script = folder / "terraform"
    script.write_text(DEAF_APPLY.format(mark=mark, terraform=stub.bin / "terraform"))
    script.chmod(0o755)
    queue = Queue(setting, stub, "queue-cancel")
    queue.environment["PATH"] = f"{folder}:{queue.environment['PATH']}"
    queue.put(0, "preview", 0)
    worker = queue.worker()
    waits: list[float] = []
    try:
        for number in range(1, count + 1):
            queue.put(number, "update", 0)
            queue.wait(lambda: any("apply" in str(event.get("arguments")) for event in queue.events(number)))
            time.sleep(0.05)  # for its trap
            asked = time.time()
            queue.call("cancel", f"job-{number}")
            queue.wait(mark.exists)
            queue.wait(lambda: queue.record(number).get("status") == "completed")
            waits.append(float(mark.read_text()) - asked)
            mark.unlink()
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()
    cells, note = times(waits, 0.5)
    table.row("`stackjob cancel` to the engine's SIGINT", *cells, note=note)


def throughput(table: Table, setting: Setting, stub: StubEngine, count: int) -> None:
    queue = Queue(setting, stub, f"queue-{count}")
    for number in range(count):
        queue.put(number, "preview", number % 64)
    start = time.monotonic()
    worker = queue.worker("--concurrency", str(2 * (os.cpu_count() or 1)), "--until-empty")
    watcher = Watcher(worker.pid)
    completed = queue.folder / "tickets" / "completed"
    early: int | None = None
    while worker.poll() is None:
        time.sleep(0.5)
        if early is None and completed.is_dir() and len(os.listdir(completed)) > count // 10:
            early = watcher.peak
    seconds = time.monotonic() - start
    peak = watcher.finish()
    records = [queue.record(number) for number in range(count)]
    good = sum(record.get("result") == "succeeded" and record.get("attempts") == 1 for record in records)
    if good != count:
        raise CannotRun(f"{good} of {count} jobs succeeded at once: {(setting.folder / 'worker.log')}")
    name = f"{count} previews through a folder"
    table.row(name, f"{count / seconds:.1f} jobs/s", f"{seconds:.0f} s", mib(early), mib(peak))


class Server:
    """The server of our tests, with jobs of ours, and a worker for it."""

    def __init__(self, setting: Setting, stub: StubEngine, engine: pathlib.Path | None = None) -> None:
        self.setting = setting
        command = [str(pathlib.Path(__file__).with_name("queue-server"))]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = json.loads(self.process.stdout.readline())["endpoint"]
        path = f"{stub.bin}:{setting.path}"
        self.environment = {**setting.environment, "PATH": f"{engine}:{path}" if engine else path}

    def put(self, number: int) -> None:
        text = manifest(f"bench-{number % 64}", EXAMPLES / "minimal.yaml")
        document = {"operation": "preview", "manifest": text}
        body = {"document": json.dumps(document), "stack": f"s/{number % 64}", "by": "bench"}
        request = urllib.request.Request(f"{self.url}/v1/jobs/job-{number}", json.dumps(body).encode(), method="PUT")
        urllib.request.urlopen(request).close()

    def worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.setting.folder / "worker.log").open("ab") as log:
            command = [self.setting.binary, "worker", "--queue", self.url, *arguments]
            return subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def repeating(stub: StubEngine, times: int, say: str) -> str:
    return REPEATING.format(times=times, say=say, answers=stub.answers, terraform=stub.bin / "terraform")


def engine(setting: Setting, name: str, script: str) -> pathlib.Path:
    """A folder with a `terraform` of its own."""
    folder = setting.folder / name
    folder.mkdir()
    path = folder / "terraform"
    path.write_text(script)
    path.chmod(0o755)
    return folder


def delays(table: Table, setting: Setting, stub: StubEngine, count: int) -> None:
    """From a line that an engine prints to whoever follows the log."""
    script = repeating(stub, count, SAY_THE_TIME)
    slow = engine(setting, "slow", script)
    queue = Queue(setting, stub, "queue-delay")
    queue.environment["PATH"] = f"{slow}:{queue.environment['PATH']}"
    server = Server(setting, stub, slow)
    try:
        for name, place in [("through a folder", str(queue.folder)), ("over HTTP", server.url)]:
            if place == server.url:
                server.put(0)
                worker = server.worker("--until-empty")
            else:
                queue.put(0, "preview", 0)
                worker = queue.worker("--until-empty")
                queue.wait(lambda: bool(queue.record(0)))
            command = [setting.binary, "logs", "--queue", place, "job-0", "--follow"]
            reader = subprocess.Popen(command, env=queue.environment, stdout=subprocess.PIPE, text=True)
            assert reader.stdout
            found = []
            for line in reader.stdout:
                now = time.time()
                if '"line":"at ' in line or '"message":"at ' in line or "at 1" in line:
                    words = line.partition("at ")[2].split(" ")[0]
                    found.append(now - float(words))
            reader.wait()
            worker.wait()
            if len(found) != count:
                raise CannotRun(f"{len(found)} of {count} lines were seen")
            cells, note = times(found, 0.25)
            table.row(f"a line of the engine to `logs --follow`, {name}", *cells, note=note)
    finally:
        server.close()


def large_log(table: Table, setting: Setting, stub: StubEngine, mebibytes: int) -> None:
    """A log of so many MiB, by folder and over HTTP: what of it arrives, and in how much memory."""
    lines = 100_000
    stub.flood(lines)
    part = setting.folder / "lines"
    part.write_bytes(b"".join((stub.answers / "plan").read_bytes().splitlines(keepends=True)[:lines]))
    # A line becomes an event of some 190 bytes.
    count = mebibytes * (1 << 20) // (lines * 190) + 1
    stub.answer("plan", [(stub.answers / "plan").read_text().splitlines()[-1]])
    script = repeating(stub, count, f"cat '{part}'")
    large = engine(setting, "large", script)
    queue = Queue(setting, stub, "queue-large")
    queue.environment["PATH"] = f"{large}:{queue.environment['PATH']}"
    server = Server(setting, stub, large)
    table.section(f"A log of {mebibytes} MiB", "size", "in all", "worker", "supervisor", "`logs`")
    try:
        for name, place in [("through a folder", str(queue.folder)), ("over HTTP", server.url)]:
            start = time.monotonic()
            if place == server.url:
                server.put(0)
                worker = server.worker("--until-empty")
            else:
                queue.put(0, "preview", 0)
                worker = queue.worker("--until-empty")
            watcher = Watcher(worker.pid)
            supervisor: Watcher | None = None
            while worker.poll() is None:
                time.sleep(0.05)
                pid = supervised(worker.pid)
                if supervisor is None and pid:
                    supervisor = Watcher(pid)
            seconds = time.monotonic() - start
            digest, size, seen = hashlib.sha256(), 0, 0
            command = [setting.binary, "logs", "--queue", place, "job-0"]
            reader = subprocess.Popen(command, env=queue.environment, stdout=subprocess.PIPE)
            watching = Watcher(reader.pid)
            assert reader.stdout
            while piece := reader.stdout.read(1 << 20):
                digest.update(piece)
                size += len(piece)
                seen += piece.count(b'"type":"log"') + piece.count(b'"type":"diagnostic"')
            reader.wait()
            if place == server.url:
                view = json.load(urllib.request.urlopen(f"{server.url}/v1/jobs/job-0"))
                good = view["job"]["result"] == "succeeded"  # the server takes a report only with a whole log
            else:
                path = queue.job(0) / "attempts" / "1" / "events.ndjson"
                with path.open("rb") as file:
                    good = hashlib.file_digest(file, "sha256").digest() == digest.digest()
            # A mark may stand on the border of two pieces.
            if not good or seen < count * lines * 0.999 or size < mebibytes << 20:
                raise CannotRun(f"{name}: {seen} of {count * lines} lines, {size} bytes, whole: {good}")
            peaks = [watcher.finish(), supervisor.finish() if supervisor else None, watching.finish()]
            table.row(f"{name}: every byte arrived", f"{size >> 20} MiB", f"{seconds:.0f} s", *map(mib, peaks))
    finally:
        server.close()


def supervised(worker: int) -> int | None:
    """The supervisor that a worker has started."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rpartition(")")[2].split()[1]) == worker:
                return int(path.parent.name)
        except (OSError, ValueError):
            continue
    return None


def over_http(table: Table, setting: Setting, stub: StubEngine, count: int) -> None:
    """The same through the server of our tests, on this machine."""
    server = Server(setting, stub)
    try:
        for number in range(count):
            server.put(number)
        start = time.monotonic()
        worker = server.worker("--until-empty", "--concurrency", str(2 * (os.cpu_count() or 1)))
        watcher = Watcher(worker.pid)
        early: int | None = None
        looked = 0.0
        while worker.poll() is None:
            time.sleep(0.5)
            if early is None and time.monotonic() - looked > 3:
                looked = time.monotonic()
                state = json.load(urllib.request.urlopen(f"{server.url}/v1/queue"))
                if state["queued"] < count * 0.9:
                    early = watcher.peak
        seconds = time.monotonic() - start
        peak = watcher.finish()
        found, after = [], ""
        while True:
            page = json.load(urllib.request.urlopen(f"{server.url}/v1/jobs{after}"))
            found += page["jobs"]
            if not page["next"]:
                break
            after = f"?after={page['next']}"
        good = sum(job["result"] == "succeeded" and job["attempts"] == 1 for job in found)
        if good != count:
            raise CannotRun(f"{good} of {count} jobs succeeded at once: {(setting.folder / 'worker.log')}")
        rate = f"{count / seconds:.1f} jobs/s"
        table.row(f"{count} previews over HTTP", rate, f"{seconds:.0f} s", mib(early), mib(peak))
    finally:
        server.close()


def queue(table: Table, setting: Setting, stub: StubEngine, quick: bool) -> None:
    latencies(table, setting, stub, 10 if quick else 50)
    cancels(table, setting, stub, 5 if quick else 20)
    delays(table, setting, stub, 40 if quick else 200)


def many_jobs(table: Table, setting: Setting, stub: StubEngine, quick: bool) -> None:
    table.section("Many jobs", "rate", "in all", "worker at 10 %", "its peak")
    for count in [100] if quick else [1000, 10_000]:
        throughput(table, setting, stub, count)
        over_http(table, setting, stub, count)
