"""How fast the lines that Pulumi writes are decoded."""

import json
import os
import pathlib
import subprocess

from bench_measure import CannotRun, Table, target


def decoding(table: Table, binary: pathlib.Path) -> None:
    """The program that measures makes its lines itself and writes nothing: this is decoding alone."""
    if not os.access(binary, os.X_OK):
        raise CannotRun(f"no {binary}; run make bench")
    found = json.loads(subprocess.run([binary], check=True, capture_output=True, text=True).stdout)
    table.section("Lines of Pulumi, decoded on one core", "lines", "bytes a line", "lines/s", "MiB/s")
    for name, kind in [("as in real runs", "mixed"), ("only steps with inputs and outputs", "long")]:
        run = found[kind]
        rate = run["linesPerSecond"]
        note = target("200,000 lines/s", rate > 200_000) if kind == "mixed" else ""
        size = f"{rate * run['bytesPerLine'] / 2**20:.0f}"
        table.row(name, f"{run['lines']}", f"{run['bytesPerLine']}", f"{rate / 1000:.0f} k", size, note=note)
    before, after = (found[f"memory{when}KiB"] / 1024 for when in ("Before", "After"))
    note = target("flat", after - before < 1)
    table.row("memory before and after a million lines", "", "", f"{before:.1f} MiB", f"{after:.1f} MiB", note=note)
