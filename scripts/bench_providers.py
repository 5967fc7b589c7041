"""The quick way to providers against plain Terraform: the same steps in turn, and jobs at once."""

import json
import pathlib
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from bench_measure import CannotRun, Cost, Table, ms, repeat, target
from bench_work import KUBERNETES_EXAMPLES, PLAN_STEPS, ROOT, ByHand, LocalAWS, Pair, Setting, in_turn

EXAMPLE = ROOT / "examples" / "ecs-web" / "service.yaml"
DESTROY_STEPS = ["init -input=false", "plan -input=false -destroy -out=plan.tfplan", "apply -input=false plan.tfplan"]
APPLY_PLANNED = ["apply -input=false plan.tfplan"]


def by_hand(setting: Setting, file: pathlib.Path, cli_config: pathlib.Path) -> Callable[[Sequence[str]], Cost]:
    """Terraform on the rendered program, with the values of its secrets, which no file holds."""
    hand = ByHand(setting, file, setting.folder / file.stem, cli_config)
    names = json.loads((hand.program / "terraform.tfvars.json").read_text())["secrets"]
    values = json.dumps({name: setting.environment["SESSION_KEY"] for name in names})
    return lambda steps: hand.steps(steps, TF_VAR_secret_values=values)


def row(table: Table, name: str, pairs: Sequence[Pair], wall_target: float | None, cpu_target: float | None) -> None:
    """Medians of both, and the median of each run against the one beside it."""
    walls = [statistics.median(pair[side].wall for pair in pairs) for side in (0, 1)]
    cpus = [statistics.median(pair[side].cpu for pair in pairs) for side in (0, 1)]
    wall = statistics.median(their.wall / our.wall for our, their in pairs)
    cpu = statistics.median(their.cpu / our.cpu for our, their in pairs)
    notes = []
    if wall_target:
        notes.append(target(f"{wall_target:g}x less wall", wall >= wall_target))
    if cpu_target:
        notes.append(target(f"{cpu_target:g}x less CPU", cpu >= cpu_target))
    figures = [f"{walls[1]:.2f} s", f"{cpus[1]:.2f} s", f"{walls[0]:.2f} s", f"{cpus[0]:.2f} s"]
    table.row(name, *figures, f"{wall:.1f}x", f"{cpu:.1f}x", note=", ".join(notes))


def steps(table: Table, setting: Setting, cli_config: pathlib.Path, count: int) -> None:
    """A stack's life, both ways. An apply is not compared: nearly all of it are waits of the provider's own."""
    if shutil.which("terraform", path=setting.path) is None:
        raise CannotRun("there is no terraform on the PATH")
    first: list[Pair] = []
    unchanged: list[Pair] = []
    destroyed: list[Pair] = []
    with LocalAWS() as aws:
        setting.environment["AWS_ENDPOINT_URL"] = aws.endpoint
        cold = setting.folder / "cold.yaml"
        cold.write_text(aws.manifest("cold", EXAMPLE))
        coldest = setting.stackjob("plan", cold)
        for number in range(count):
            ours, theirs = (setting.folder / f"quick-{who}-{number}.yaml" for who in ("stackjob", "hand"))
            for file in (ours, theirs):
                file.write_text(aws.manifest(file.stem, EXAMPLE))
            hand = by_hand(setting, theirs, cli_config)
            first.append(in_turn(number, lambda: setting.stackjob("plan", ours), lambda: hand(PLAN_STEPS)))
            setting.stackjob("apply", ours, "--auto-approve")
            hand(APPLY_PLANNED)
            unchanged.append(in_turn(number, lambda: setting.stackjob("plan", ours), lambda: hand(PLAN_STEPS)))
            destroyed.append(
                in_turn(
                    number,
                    lambda: setting.stackjob("destroy", ours, "--auto-approve"),
                    lambda: hand(DESTROY_STEPS),
                )
            )
    columns = "plain wall", "plain CPU", "wall", "CPU", "less wall", "less CPU"
    table.section(f"examples/ecs-web: Terraform by hand, and stackjob, {count} pairs", *columns)
    row(table, "init, plan, show of a new stack", first, 15, 10)
    row(table, "the same, nothing to change", unchanged, None, None)
    quickest = statistics.median(our.wall for our, _ in unchanged)
    table.row("  a plan of nothing", "", "", f"{quickest:.2f} s", note=target("1 s", quickest < 1))
    row(table, "init, plan, apply of a destroy", destroyed, None, None)
    longest = statistics.median(our.wall for our, _ in destroyed)
    table.row("  a destroy", "", "", f"{longest:.2f} s", note=target("2.5 s", longest < 2.5))
    table.row("  the very first plan, nothing cached", "", "", f"{coldest.wall:.2f} s", f"{coldest.cpu:.2f} s")


def at_once(table: Table, setting: Setting, cli_config: pathlib.Path, count: int) -> None:
    """Plans of several stacks, one after another and four at a time."""
    columns = "wall", "jobs a minute", "peak memory"
    table.section(f"{count} plans of examples/ecs-web", *columns)
    with LocalAWS() as aws:
        setting.environment["AWS_ENDPOINT_URL"] = aws.endpoint
        ours: list[Callable[[], Cost]] = []
        theirs: list[Callable[[], Cost]] = []
        for number in range(count):
            file = setting.folder / f"many-{number}.yaml"
            file.write_text(aws.manifest(file.stem, EXAMPLE))
            hand = by_hand(setting, file, cli_config)
            ours.append(lambda file=file: setting.stackjob("plan", file))
            theirs.append(lambda hand=hand: hand(PLAN_STEPS))
        ours[0]()
        for width in (1, 4):
            for name, work in (("plain Terraform", theirs), ("stackjob", ours)):
                with Memory() as memory, ThreadPoolExecutor(width) as pool:
                    start = time.monotonic()
                    for cost in [pool.submit(one) for one in work]:
                        cost.result()
                    wall = time.monotonic() - start
                rate = f"{count * 60 / wall:.0f}"
                table.row(f"{name}, {width} at once", f"{wall:.1f} s", rate, f"{memory.peak >> 20} MiB")


def sandbox(table: Table, setting: Setting, count: int) -> None:
    table.section("A plan in the sandbox", "CPU", "wall")
    example = KUBERNETES_EXAMPLES / "minimal.yaml"
    setting.stackjob("plan", example, "--sandbox")
    for name, more in [("accelerated", []), ("plain", ["--providers", "plain"])]:
        cost = repeat(count, lambda: setting.stackjob("plan", example, "--sandbox", *more))
        table.row(name, ms(cost.cpu), ms(cost.wall), note=target("1 s CPU", cost.cpu < 1))


class Memory:
    """The most memory that our descendants had together: shared pages are counted once."""

    def __init__(self) -> None:
        self.peak = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.follow, daemon=True)

    def __enter__(self) -> "Memory":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def follow(self) -> None:
        while not self.ended.wait(0.1):
            self.peak = max(self.peak, sum(self.proportional(pid) for pid in self.tools()))

    @staticmethod
    def tools() -> list[int]:
        """Engines and providers, and stackjob; the local AWS and this process are not theirs."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    name = (entry / "comm").read_text()
                except OSError:
                    continue
                if name.startswith(("terraform", "stackjob")):
                    found.append(int(entry.name))
        return found

    @staticmethod
    def proportional(pid: int) -> int:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) << 10
        except OSError:
            pass  # it has ended
        return 0
