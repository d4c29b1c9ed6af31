"""Batches come in order, from here or from a process of its own, and so do refusals."""

import multiprocessing

import pytest

from services.runtime.imports.batches import Work
from services.runtime.imports.mapping_file import parse
from services.runtime.imports.refusals import ImportRefused
from services.runtime.imports.worker import SMALL, batches
from tests.unit.runtime.imports.conftest import NOW

MAPPING = (
    "source: t\nzone: Asia/Shanghai\ncategory: {constant: other}\nplace: {under: t}\ntime: {column: when, gap: fail}\n"
)
HERE, ELSEWHERE = SMALL, 0


def work(tmp_path, text: str) -> Work:
    path = tmp_path / "a.csv"
    path.write_text(text)
    return Work(parse(MAPPING), tmp_path, (path,), NOW, 10)


@pytest.mark.parametrize("small", [HERE, ELSEWHERE], ids=["here", "elsewhere"])
async def test_all_rows_come_in_order(tmp_path, small):
    rows = "".join(f"2020-01-{n % 28 + 1:02},{n}\n" for n in range(95))
    given = [batch async for batch in batches(work(tmp_path, "when,n\n" + rows), small)]
    assert [batch.rows for batch in given] == [10] * 9 + [5]
    assert len({digest for batch in given for digest in batch.digests}) == 95
    assert given[-1].done == 1.0
    assert [batch.done for batch in given] == sorted(batch.done for batch in given)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("small", [HERE, ELSEWHERE], ids=["here", "elsewhere"])
async def test_a_refusal_comes_over_as_its_sentence(tmp_path, small):
    with pytest.raises(ImportRefused, match="has no column when"):
        async for _ in batches(work(tmp_path, "then\n2020-01-01\n"), small):
            pass


async def test_who_stops_listening_leaves_no_process(tmp_path):
    reading = batches(work(tmp_path, "when,n\n" + "2020-01-01,1\n" * 20_000), ELSEWHERE)
    await anext(reading)
    assert len(multiprocessing.active_children()) == 1
    await reading.aclose()
    assert multiprocessing.active_children() == []


async def test_a_process_that_dies_is_said_to_have(tmp_path):
    reading = batches(work(tmp_path, "when,n\n" + "2020-01-01,1\n" * 20_000), ELSEWHERE)
    await anext(reading)
    (process,) = multiprocessing.active_children()
    process.kill()
    with pytest.raises(ImportRefused, match=r"^The process that reads the files ended early: repeat the import"):
        async for _ in reading:
            pass
