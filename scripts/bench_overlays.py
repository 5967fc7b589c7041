"""Measures what it takes to find, build and choose many overlays, beside kustomize alone."""

import os
import pathlib
import shutil

from bench_measure import CannotRun, Cost, Table, middle, ms, run, target
from bench_work import ROOT, Setting

EXAMPLE = ROOT / "examples" / "service-repository" / "_kustomize"
OVERLAY = """apiVersion: kubernetes.project-planton.org/v1
kind: MicroserviceKubernetes
metadata:
  name: shop
  env: place-{number}
  labels:
    planton.ai/git-branch: {branch}
spec:
  container:
    app:
      env:
        variables:
          PLACE: "{number}"
"""


def repository(folder: pathlib.Path, count: int) -> pathlib.Path:
    """The example's base and overlays of one patch each, every other one for another branch."""
    kustomize = folder / "overlays-bench" / "_kustomize"
    shutil.rmtree(kustomize.parent, ignore_errors=True)
    shutil.copytree(EXAMPLE / "base", kustomize / "base")
    for number in range(count):
        overlay = kustomize / "overlays" / f"place-{number:03}"
        overlay.mkdir(parents=True)
        shutil.copy(EXAMPLE / "overlays" / "dev" / "kustomization.yaml", overlay)
        branch = "main" if number % 2 else "release-*"
        (overlay / "service.yaml").write_text(OVERLAY.format(number=number, branch=branch))
    return kustomize


def by_hand(setting: Setting, overlays: pathlib.Path, jobs: int) -> Cost:
    """kustomize once for each overlay, as many at once as told, and nothing more."""
    name, build = ("kustomize", "build") if shutil.which("kustomize", path=setting.path) else ("kubectl", "kustomize")
    tool = shutil.which(name, path=setting.path)
    if not tool:
        raise CannotRun("neither kustomize nor kubectl is there")
    script = 'ls "$1" | xargs -P "$2" -I{} "$3" "$4" "$1/{}"'
    line = ["/bin/sh", "-c", script, "sh", str(overlays), str(jobs), tool, build]
    return run(line, environment=setting.environment, folder=setting.folder)


def overlays(table: Table, setting: Setting, number: int, count: int) -> None:
    kustomize = repository(setting.folder, number)
    cores = os.cpu_count() or 1
    ours, alone, together = [], [], []
    for _ in range(count):
        ours.append(setting.stackjob("overlays", kustomize, "--branch", "main", "--output", "json"))
        together.append(by_hand(setting, kustomize / "overlays", cores))
        alone.append(by_hand(setting, kustomize / "overlays", 1))
    table.section(f"{number} overlays found, built and chosen", "wall", "CPU", "own CPU")
    one, hand, some = middle(alone), middle(together), middle(ours)
    table.row("kustomize alone, one after another", f"{one.wall:.2f} s", f"{one.cpu:.2f} s")
    table.row(f"kustomize alone, {cores} at once", f"{hand.wall:.2f} s", f"{hand.cpu:.2f} s")
    # The sum of kustomize's own time cannot be saved; what is ours is the rest.
    note = target("5 % of kustomize's CPU", some.own < 0.05 * hand.cpu)
    table.row("stackjob overlays", f"{some.wall:.2f} s", f"{some.cpu:.2f} s", ms(some.own), note=note)
