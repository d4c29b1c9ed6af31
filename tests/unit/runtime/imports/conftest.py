"""Files and mappings of a test's own, read to their end."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.incidents.domain.identity import incident_of
from services.runtime.imports.batches import RowError, Work, check_files, read_batches
from services.runtime.imports.mapping_file import parse
from services.runtime.imports.zoned import ClockChange

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


@dataclass
class Read:
    """What became of files: payloads of the events, the incidents' ids, the rows that failed."""

    events: list[dict[str, Any]]
    ids: list[str]
    errors: list[RowError]
    descriptions: list[str]
    rows: int
    changes: "Counter[ClockChange]" = field(default_factory=Counter)

    @property
    def only(self) -> dict[str, Any]:
        """The one event."""
        assert not self.errors, self.errors
        assert len(self.events) == 1
        return self.events[0]

    @property
    def failure(self) -> RowError:
        """The one row that failed."""
        assert not self.events, self.events
        assert len(self.errors) == 1, self.errors
        return self.errors[0]


def read_files(mapping: str, *files: Path, rows_a_batch: int = 3000) -> Read:
    """Files through a mapping."""
    work = Work(parse(mapping), files[0].parent, files, NOW, rows_a_batch)
    check_files(work)
    read = Read([], [], [], [], 0)
    for batch in read_batches(work):
        read.rows += batch.rows
        read.events += [json.loads(data) for data in batch.data]
        read.ids += [incident_of(digest) for digest in batch.digests]
        read.errors += batch.errors
        read.changes += batch.changes
        read.descriptions += batch.descriptions.values()
    return read


Through = Callable[..., Read]


@pytest.fixture
def through(tmp_path: Path) -> Through:
    """A text through a mapping: ``through(mapping, text)``."""

    def through(mapping: str, text: str | bytes, name: str = "file.csv") -> Read:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_files(mapping, path)

    return through
