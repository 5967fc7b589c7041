"""What the host of providers costs by itself, and what a provider that waits to be used takes."""

import json
import os
import pathlib
import subprocess

from bench_measure import CannotRun, Table, target
from bench_work import ByHand, Setting, EXAMPLES

# What every plugin of Terraform wants to see before it starts; public, and no secret.
COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}


def proxy(table: Table, binary: pathlib.Path) -> None:
    """The program that measures plays both ends, so nothing but the host lies between them."""
    if not os.access(binary, os.X_OK):
        raise CannotRun(f"no {binary}; run make bench")
    found = json.loads(subprocess.run([binary], check=True, capture_output=True, text=True).stdout)
    table.section(f"The host itself, {found['calls']} calls", "direct", "by the host", "added")
    direct, hosted = found["directMicroseconds"], found["hostedMicroseconds"]
    table.row("a call with 200 bytes each way", f"{direct} us", f"{hosted} us", f"{hosted - direct} us")
    rates = [found[f"{way}BytesPerSecond"] / 2**20 for way in ("direct", "hosted")]
    table.row(f"a message of {found['messageBytes'] >> 20} MiB", *(f"{rate:.0f} MiB/s" for rate in rates))
    after, peak = (found[name] / 1024 for name in ("memoryAfterCallsKiB", "memoryPeakKiB"))
    table.row("its memory after the calls", "", f"{after:.1f} MiB", note=target("60 MB", after * 1.048576 < 60))
    table.row("at its peak, with the large messages", "", f"{peak:.1f} MiB", note=target("60 MB", peak * 1.048576 < 60))


def idle(table: Table, setting: Setting, cli_config: pathlib.Path, count: int) -> None:
    """Providers that were started and not configured, as a pool holds them."""
    hand = ByHand(setting, EXAMPLES / "minimal.yaml", setting.folder / "idle", cli_config)
    hand.steps(["init -input=false"])
    provider = next(iter(sorted(hand.program.glob(".terraform/providers/*/*/aws/*/*/terraform-provider-aws*"))), None)
    if provider is None:
        raise CannotRun("the AWS provider was not installed")
    environment = {**setting.environment, **COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "GOGC": "400"}
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            child = subprocess.Popen(
                [provider], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            started.append(child)
            # It says where it listens once it is ready.
            if child.stdout is None or not child.stdout.readline():
                raise CannotRun("the AWS provider did not start")
        resident, proportional = (
            sum(memory(child.pid, name) for child in started) for name in ("Rss:", "Pss:")
        )
    finally:
        for child in started:
            child.kill()
            child.wait()
    table.section(f"{count} AWS providers that wait to be used", "resident each", "shared once", "together")
    each = f"{resident / count / 1024:.0f} MiB"
    table.row("idle pool", each, f"{proportional / count / 1024:.0f} MiB each", f"{proportional / 1024:.0f} MiB")


def memory(pid: int, field: str) -> int:
    """In KiB."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    return 0
