"""Who is told at a place: persons by their ids, from the roster, else from the file; never a role."""

import pytest

from services.analytics.delivery.recipients import Recipients

FILE = """
recipients:
  - {place: yinchuan, supervisor: supervisor-01}
  - {place: yinchuan/jinfeng, officers: [officer-gu, officer-chen]}
  - {place: yinchuan/jinfeng/wanda, officers: [officer-ma], supervisor: supervisor-02}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "recipients.yaml"
    path.write_text(FILE)
    return path


async def test_the_nearest_place_that_names_a_person_counts(file):
    named = Recipients.read(file)
    assert await named.responsible("yinchuan/jinfeng/wanda/wanda-a/1812") == ("officer-ma",)
    assert await named.responsible("yinchuan/jinfeng/yuehai") == ("officer-gu", "officer-chen")
    assert await named.responsible("yinchuan/jinfeng-2") == ("supervisor-01",)
    assert named.supervisor("yinchuan/jinfeng/wanda") == "supervisor-02"
    assert named.supervisor("yinchuan/jinfeng/yuehai") == "supervisor-01"


async def test_who_is_on_duty_goes_before_who_is_named(file):
    async def on_duty(place):
        return ("officer-bai",) if place.startswith("yinchuan/jinfeng") else ()

    named = Recipients.read(file, on_duty)
    assert await named.responsible("yinchuan/jinfeng/wanda") == ("officer-bai",)
    assert await named.responsible("yinchuan/xingqing") == ("supervisor-01",)


async def test_where_nobody_is_named_there_is_nobody(file):
    assert await Recipients.read(None).responsible("yinchuan") == ()
    assert await Recipients.read(file).responsible("vancouver") == ()
    assert Recipients.read(file).supervisor("vancouver") is None


def test_a_file_that_names_no_recipients_is_refused(tmp_path):
    (tmp_path / "r.yaml").write_text("recipients: [{place: Yin Chuan, supervisor: role of supervisor}]")
    with pytest.raises(ValueError, match="place"):
        Recipients.read(tmp_path / "r.yaml")
