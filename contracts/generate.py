"""Writes the JSON Schemas and the AsyncAPI document from the contracts, or checks that they are up to date.

python -m contracts.generate             write contracts/schemas
python -m contracts.generate --check     fail where a file is stale, or where a released event broke
python -m contracts.generate --release   write, then freeze today's schemas as released (refused where one broke)
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.asyncapi import document
from contracts.catalogue import CATALOGUE, Catalogue
from contracts.compatibility import Break, breaks, withdrawn
from contracts.envelope import Envelope
from contracts.examples import ExampleMissing
from contracts.schema import described, schema_of

SCHEMAS = Path(__file__).parent / "schemas"
ENVELOPE = "envelope"


def schemas(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Every schema by name: each event's type, and ``envelope``."""
    events = {name: schema_of(model) for name, model in catalogue.models.items()}
    return {ENVELOPE: described(Envelope, ENVELOPE), **events}


def files(catalogue: Catalogue) -> dict[str, str]:
    """What the folder of schemas holds, by file name, without what is frozen."""
    written = {f"{name}.json": _text(schema) for name, schema in schemas(catalogue).items()}
    return {**written, "asyncapi.json": _text(document(catalogue))}


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def stale(folder: Path, catalogue: Catalogue) -> list[str]:
    """Names of files that are missing, differ, or that nothing stands behind any more."""
    wanted = files(catalogue)
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def broken(folder: Path, catalogue: Catalogue) -> list[Break]:
    """What today's contracts break of those frozen under ``released``."""
    today = schemas(catalogue)
    found: list[Break] = []
    for path in sorted((folder / "released").glob("*.json")):
        released = json.loads(path.read_text(encoding="utf-8"))
        if path.stem in today:
            found += breaks(released, today[path.stem], path.stem)
        elif (gone := withdrawn(catalogue, path.stem)) is not None:
            found.append(gone)
    return found


def write(folder: Path, catalogue: Catalogue) -> None:
    """Writes the folder; files that nothing stands behind any more go."""
    wanted = files(catalogue)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def release(folder: Path, catalogue: Catalogue) -> None:
    """Freezes today's schemas; a released type that was replaced keeps its frozen file."""
    frozen = folder / "released"
    frozen.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas(catalogue).items():
        (frozen / f"{name}.json").write_text(_text(schema), encoding="utf-8")


def main(arguments: list[str] | None = None, folder: Path = SCHEMAS, catalogue: Catalogue = CATALOGUE) -> int:
    """The command; 0 where all is well, else 1 with a line for each thing that is not."""
    parser = argparse.ArgumentParser(prog="python -m contracts.generate", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is stale")
    parser.add_argument("--release", action="store_true", help="freeze today's schemas as released")
    asked = parser.parse_args(arguments)
    try:
        complaints = [str(found) for found in broken(folder, catalogue)]
    except ExampleMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    if asked.check:
        complaints += [f"{name} is stale: run python -m contracts.generate." for name in stale(folder, catalogue)]
    else:
        write(folder, catalogue)
    if asked.release and not complaints:
        release(folder, catalogue)
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
