"""``maplebridge import``."""

from pathlib import Path
from typing import Annotated

import typer

from services.runtime.cli.common import AsJson, Data


def import_(
    mapping: Annotated[
        str, typer.Argument(metavar="MAPPING", help="Path of a mapping, or vancouver-crime, nyc-311-noise.")
    ] = "",
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="CSV (plain or gzip), XLSX or JSON lines.")
    ] = None,
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and decide everything, write nothing.")] = False,
    suggest: Annotated[
        Path | None, typer.Option("--suggest", metavar="FILE", help="Print a draft of a mapping for this file.")
    ] = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="FILE", help="Where bad rows go; default: <source>-errors.csv.")
    ] = None,
    covers: Annotated[
        list[str] | None, typer.Option("--covers", help="Days that the file covers: 2003-01-01..2003-12-31.")
    ] = None,
    gap: Annotated[list[str] | None, typer.Option("--gap", help="Days missing within them, likewise.")] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="Of files of text, such as gb18030 or cp1252.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Reads incident files of any city through a mapping.

    Bad rows go to an errors file and never stop the good ones; the same file a second time adds nothing; an import
    that was cut short goes on where it stopped. docs/importing.md shows how to write a mapping.

    Examples:

      maplebridge import vancouver-crime vancouver_2003_2010.csv.gz vancouver_2011_2017.csv.gz

      maplebridge import my-city.yaml calls.xlsx --dry-run

      maplebridge import --suggest calls.csv > my-city.yaml

      maplebridge import nyc-311-noise noise.csv.gz --data /some/folder --json
    """
    from services.runtime.imports.command import import_files, suggest_mapping

    if suggest is not None:
        raise typer.Exit(suggest_mapping(suggest, encoding))
    if not mapping or not files:
        raise typer.BadParameter("Name a mapping and at least one file; see `maplebridge import --help`.")
    raise typer.Exit(
        import_files(
            mapping,
            files,
            data=data,
            dry_run=dry_run,
            as_json=as_json,
            errors=errors,
            coverage=covers or (),
            gaps=gap or (),
            encoding=encoding,
        )
    )
