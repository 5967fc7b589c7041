"""Runs commands and says what they cost: seconds of CPU, seconds on the clock, memory."""

import dataclasses
import os
import pathlib
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

TICKS = os.sysconf("SC_CLK_TCK")


class CannotRun(Exception):
    """A measurement that could not be made, and why."""


@dataclasses.dataclass
class Cost:
    wall: float
    """Seconds on the clock."""
    cpu: float
    """CPU seconds of the command and of all that it started and waited for."""
    own: float
    """CPU seconds of the command's own process, to a hundredth."""
    peak: int | None
    """Most resident memory of the command's own process, in KiB; None when nobody watched."""
    outside: float = 0
    """Of a job, seconds on the clock in which no command of the engine ran."""


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    environment: Mapping[str, str],
    folder: pathlib.Path,
    watch: bool = False,
) -> Cost:
    """Runs a command to its end, its output thrown away; one that fails is an error.

    With `watch` its memory is looked at all the while, which takes CPU: times of such a run are
    for long runs only. The system's own record of the peak is no use: it starts with the peak of
    the Python process that forked the command.
    """
    errors = folder / "bench-stderr.txt"
    with errors.open("wb") as stderr:
        start = time.monotonic()
        child = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr
        )
        watcher = Watcher(child.pid) if watch else None
        # The process stays a zombie, so that its own account can still be read.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        wall = time.monotonic() - start
        own = own_cpu(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        said = errors.read_text(errors="replace")[-2000:]
        raise CannotRun(f"`{' '.join(map(str, command))}` ended with {child.returncode}\n{said}")
    peak = watcher.finish() if watcher else None
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, own=own, peak=peak)


def own_cpu(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Watcher:
    """Follows the high-water mark of a process's resident memory."""

    def __init__(self, pid: int) -> None:
        self.status = pathlib.Path(f"/proc/{pid}/status")
        self.peak: int | None = None
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self) -> None:
        pause = 0.0002
        while True:
            try:
                lines = [line for line in self.status.read_text().splitlines() if line.startswith("VmHWM:")]
            except OSError:
                return
            if not lines:  # a zombie has no memory
                return
            # The last value counts: before its exec, the child's memory is ours.
            self.peak = int(lines[0].split()[1])
            time.sleep(pause)
            # A short command needs close watching, a long one can do with less.
            pause = min(pause * 1.02, 0.02)

    def finish(self) -> int | None:
        self.thread.join()
        return self.peak


def repeat(count: int, measure: Callable[[], Cost]) -> Cost:
    """The median of several runs, each figure for itself."""
    costs = [measure() for _ in range(count)]
    return middle(costs)


def middle(costs: Sequence[Cost]) -> Cost:
    peaks = [cost.peak for cost in costs if cost.peak is not None]
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        own=statistics.median(cost.own for cost in costs),
        outside=statistics.median(cost.outside for cost in costs),
        peak=max(peaks) if peaks else None,
    )


class Table:
    """What was measured, printed as it comes."""

    def __init__(self) -> None:
        self.failures: list[str] = []

    def section(self, title: str, *columns: str) -> None:
        self.columns = columns
        print(f"\n{title}")
        print(f"  {'':44}" + "".join(f"{name:>17}" for name in columns), flush=True)

    def row(self, name: str, *values: str, note: str = "") -> None:
        print(f"  {name:44}" + "".join(f"{value:>17}" for value in values) + (f"  {note}" if note else ""), flush=True)

    def failed(self, what: str, why: object) -> None:
        self.failures.append(what)
        print(f"  {what}: could not be measured: {why}", flush=True)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def mib(kib: int | None) -> str:
    return "?" if kib is None else f"{kib / 1024:.1f} MiB"


def target(text: str, is_met: bool) -> str:
    return f"target {text}: {'met' if is_met else 'MISSED'}"
