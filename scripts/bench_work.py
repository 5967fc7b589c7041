"""What the benchmark runs: manifests, programs, and a whole job done by stackjob and by hand."""

import json
import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence

from bench_engine import StubEngine
from bench_measure import CannotRun, Cost, run

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "templates" / "AwsEcsService" / "examples"
KUBERNETES_EXAMPLES = ROOT / "templates" / "MicroserviceKubernetes" / "examples"


class Setting:
    """A folder for everything, the binary, and an environment that is nobody's own."""

    def __init__(self, folder: pathlib.Path, binary: pathlib.Path) -> None:
        self.folder = folder
        self.binary = binary
        tools = ROOT / ".tools" / "bin"
        self.path = f"{tools}:{os.environ.get('PATH', os.defpath)}"
        self.environment = {
            "HOME": os.environ.get("HOME", "/"),
            "PATH": self.path,
            "LANG": "C.UTF-8",
            "STACKJOB_HOME": str(ROOT),
            "STACKJOB_CONFIG": str(folder / "settings.yaml"),
            "STACKJOB_STATE_HOME": str(folder / "state"),
            "SESSION_KEY": "a value that nobody must see",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        mirror = os.environ.get("STACKJOB_PROVIDER_MIRROR")
        if mirror:
            self.environment["STACKJOB_PROVIDER_MIRROR"] = mirror
        (folder / "settings.yaml").write_text("{}\n")

    def stackjob(self, *arguments: str | pathlib.Path, watch: bool = False, **environment: str) -> Cost:
        return run(
            [self.binary, *arguments],
            environment={**self.environment, **environment},
            folder=self.folder,
            watch=watch,
        )


def manifest(name: str, file: pathlib.Path = EXAMPLES / "minimal.yaml", tag: str = "1.36") -> str:
    """An example under another name and with another image."""
    text = file.read_text()
    text = re.sub(r"(?m)^  name: .*$", f"  name: {name}", text, count=1)
    return re.sub(r"(?m)^      tag: .*$", f'      tag: "{tag}"', text, count=1)


def different_manifests(folder: pathlib.Path, count: int) -> None:
    """Manifests of which no two are alike: three shapes, each with a name, an image and variables of its own."""
    folder.mkdir()
    shapes = sorted(EXAMPLES.glob("*.yaml"))
    for number in range(count):
        text = manifest(f"service-{number:04}", shapes[number % len(shapes)], f"{number // 100}.{number % 100}")
        memory = (1024, 2048, 3072)[number // 3 % 3]
        text = re.sub(r"(?m)^    cpu: .*\n    memory: .*$", f"    cpu: 512\n    memory: {memory}", text, count=1)
        if "    env:" not in text:
            names = "".join(f"        SETTING_{index}: value {number * index}\n" for index in range(number % 20 + 1))
            text = text.replace("  network:\n", f"    env:\n      variables:\n{names}  network:\n", 1)
        (folder / f"service-{number:04}.yaml").write_text(text)


# MARK: One job, by stackjob and by hand

PLAN_STEPS = ["init -input=false -json", "plan -input=false -json -out=plan.tfplan", "show -json plan.tfplan"]
APPLY_STEPS = [*PLAN_STEPS[:2], "apply -input=false -json plan.tfplan"]


class ByHand:
    """The steps that stackjob takes for a command, typed in a folder that holds the rendered program."""

    def __init__(self, setting: Setting, manifest_file: pathlib.Path, program: pathlib.Path, cli_config: pathlib.Path):
        self.setting = setting
        self.program = program
        self.cli_config = cli_config
        setting.stackjob("render", manifest_file, "--out", program)

    def steps(self, steps: Sequence[str], **environment: str) -> Cost:
        # One shell for all steps, as in a terminal; what it writes goes where stackjob's output goes.
        script = "\n".join(f"terraform {step} || exit" for step in steps)
        fixed = {
            "TF_CLI_CONFIG_FILE": str(self.cli_config),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        return run(
            ["sh", "-c", script],
            environment={**self.setting.environment, **fixed, **environment},
            folder=self.program,
        )


def job(setting: Setting, *arguments: str | pathlib.Path, **environment: str) -> Cost:
    """A command that runs a job; its journal says how long the engine's commands took."""
    cost = setting.stackjob(*arguments, **environment)
    journal = max((setting.folder / "state").glob("stacks/**/events.ndjson"), key=lambda path: path.stat().st_mtime_ns)
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    cost.outside = cost.wall - sum(event["seconds"] for event in events if event["type"] == "tool.finished")
    return cost


Pair = tuple[Cost, Cost]


def in_turn(number: int, ours: Callable[[], Cost], theirs: Callable[[], Cost]) -> Pair:
    """Ours and theirs, the second run of which goes the other way round: who is first pays for cold caches."""
    if number % 2 == 0:
        first = ours()
        return first, theirs()
    second = theirs()
    return ours(), second


def stub_pairs(setting: Setting, stub: StubEngine, count: int) -> tuple[list[Pair], list[Pair]]:
    """Plans and applies with an engine that answers at once."""
    path = f"{stub.bin}:{setting.path}"
    file = setting.folder / "stub.yaml"
    file.write_text(manifest("stub"))
    # Makes the CLI configuration, and asks the engine's version, which is remembered.
    setting.stackjob("plan", file, PATH=path)
    hand = ByHand(setting, file, setting.folder / "stub-program", stub.answers / "cli.tfrc")
    plans: list[Pair] = []
    applies: list[Pair] = []
    for number in range(count):
        plans.append(
            in_turn(
                number,
                lambda: job(setting, "plan", file, PATH=path),
                lambda: hand.steps(PLAN_STEPS, PATH=path),
            )
        )
        applies.append(
            in_turn(
                number,
                lambda: job(setting, "apply", file, "--auto-approve", PATH=path),
                lambda: hand.steps(APPLY_STEPS, PATH=path),
            )
        )
    return plans, applies


class LocalAWS:
    """A seeded moto that ends with the benchmark."""

    def __init__(self) -> None:
        command = [ROOT / "scripts" / "moto-server", "--seed"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline() if self.process.stdout else b""
        if not line:
            error = self.process.stderr.read().decode() if self.process.stderr else ""
            raise CannotRun(f"the local AWS does not start: {error.strip()}")
        ready = json.loads(line)
        self.endpoint: str = ready["endpoint"]
        self.cluster: str = ready["seed"]["cluster_arn"]
        self.subnets: list[str] = ready["seed"]["subnet_ids"]

    def __enter__(self) -> "LocalAWS":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()

    def manifest(self, name: str, file: pathlib.Path = EXAMPLES / "minimal.yaml") -> str:
        text = manifest(name, file)
        for invented, own in zip(["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"], self.subnets):
            text = text.replace(invented, own)
        return re.sub(r"clusterArn: .*", f"clusterArn: {self.cluster}", text)


def real_pairs(setting: Setting, cli_config: pathlib.Path, count: int) -> tuple[list[Pair], list[Pair]]:
    """A plan and an apply of a new stack with the real engine and provider, against a local AWS."""
    if shutil.which("terraform", path=setting.path) is None:
        raise CannotRun("there is no terraform on the PATH")
    plans: list[Pair] = []
    applies: list[Pair] = []
    with LocalAWS() as aws:
        setting.environment["AWS_ENDPOINT_URL"] = aws.endpoint
        for number in range(count):
            ours, theirs = (setting.folder / f"real-{who}-{number}.yaml" for who in ("stackjob", "hand"))
            for file in (ours, theirs):
                file.write_text(aws.manifest(file.stem))
            hand = ByHand(setting, theirs, setting.folder / theirs.stem, cli_config)
            # The same steps: what is saved by leaving some out is measured by itself.
            plain = "--providers", "plain"
            plans.append(
                in_turn(number, lambda: job(setting, "plan", ours, *plain), lambda: hand.steps(PLAN_STEPS))
            )
            applies.append(
                in_turn(
                    number,
                    lambda: job(setting, "apply", ours, "--auto-approve", *plain),
                    lambda: hand.steps(APPLY_STEPS),
                )
            )
    return plans, applies


def flood(setting: Setting, stub: StubEngine, output: Sequence[str]) -> tuple[Cost, pathlib.Path]:
    """A plan whose engine writes what ``StubEngine.flood`` made; what it cost and its journal."""
    home = setting.folder / "flood"
    shutil.rmtree(home, ignore_errors=True)
    file = setting.folder / "flood.yaml"
    file.write_text(manifest("flood"))
    cost = setting.stackjob(
        "plan", file, *output, watch=True, PATH=f"{stub.bin}:{setting.path}", STACKJOB_STATE_HOME=str(home)
    )
    journals = list(home.glob("stacks/**/events.ndjson"))
    if len(journals) != 1:
        raise CannotRun(f"expected one journal, found {len(journals)}")
    return cost, journals[0]
