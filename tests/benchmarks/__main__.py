"""Prints how fast we are, each figure beside a reference of the same run: ``make bench``.

``ONLY=name`` runs one; ``JSON=FILE`` also writes the list as objects with name, value, unit, reference,
reference_value, ratio, target, at_most, met. ``SMOKE=1`` shows in seconds that each works; its figures mean nothing.
``KAFKA=host:port`` uses a Kafka that is there.
"""

import gc
import importlib
import json
import os
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import uvloop
from rich.console import Console
from rich.progress import track
from rich.table import Table

import tests.benchmarks as here
from services.chassis.logs import set_up_logging
from services.chassis.settings import Settings
from tests.benchmarks.measure import Measure, Result

WIDTH = 160
"""Columns of the table where it goes to a file."""


def measures() -> list[type[Measure]]:
    """Every measure in this folder, in the order of their names."""
    for module in pkgutil.iter_modules(here.__path__):
        if module.name.startswith("bench_"):
            importlib.import_module(f"tests.benchmarks.{module.name}")
    kinds: set[type[Measure]] = descendants(Measure)  # type: ignore[type-abstract]
    return sorted((kind for kind in kinds if hasattr(kind, "name")), key=lambda kind: kind.name)


def descendants(kind: type[Measure]) -> set[type[Measure]]:
    """All kinds of it, at any depth."""
    return {each for child in kind.__subclasses__() for each in (child, *descendants(child))}


async def run(measure: Measure) -> Sequence[Result]:
    """Prepares it, measures, cleans up."""
    async with measure:
        return await measure.results()


def attempted(chosen: Sequence[type[Measure]]) -> tuple[list[Result], list[str]]:
    """Run each; one that fails holds none of the others up. Return the results, and the names of those that failed."""
    results, failed = list[Result](), list[str]()
    for measure in track(chosen, description="Measuring"):
        try:
            results += uvloop.run(run(measure()))
        except Exception:  # noqa: BLE001 - shown here, and the exit status tells
            failed.append(measure.name)
            print(f"{measure.name} failed:\n{traceback.format_exc()}", file=sys.stderr)
    return results, failed


def figure(value: float) -> str:
    """With as many digits as tell something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def wanted(result: Result) -> str:
    """The target, and whether it is met."""
    if result.target is None:
        return ""
    bound = "at most" if result.at_most else "at least"
    return f"{bound} {result.target:.2f}: {'met' if result.met else 'missed'}"


def main() -> None:
    """Runs what is asked for and prints a table."""
    only = os.environ.get("ONLY")
    chosen = [measure for measure in measures() if only in (None, "", measure.name)]
    if not chosen:
        raise SystemExit(f"There is no benchmark {only!r}; there are: {', '.join(m.name for m in measures())}.")
    # a service that answers says so; for as long as the process
    set_up_logging(Settings(), open(os.devnull, "w"))  # noqa: PTH123, SIM115
    # as every process of ours that serves; it holds for what we are measured beside, too
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    results, failed = attempted(chosen)
    table = Table("measure", "ours", "reference", "its figure", "ratio", "target", title="Ours beside the references")
    for result in results:
        table.add_row(
            result.name,
            f"{figure(result.value)} {result.unit}",
            result.reference,
            figure(result.reference_value),
            f"{result.ratio:.2f}",
            wanted(result),
        )
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
    if target := os.environ.get("JSON"):
        Path(target).write_text(json.dumps([result.as_dict() for result in results], indent=1) + "\n")
    if failed:
        raise SystemExit(f"These failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
