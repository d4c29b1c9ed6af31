"""Categories have one vocabulary: what the project uses is on its list, by one name and under one word."""

import re
from collections import Counter
from importlib import resources

import pytest
import yaml

from services.analytics.figures.definition import case
from services.analytics.pages.gazetteer import Gazetteer
from services.analytics.pages.report import CATEGORIES as REPORTED
from services.analytics.pages.teahouse.raising import CATEGORIES as RAISED
from services.analytics.words import categories, name
from services.runtime.imports.mapping_file import find, load, shipped

TOPS = {path for path in categories() if "/" not in path}
PATH = re.compile(rf"\"((?:{'|'.join(sorted(TOPS))})/[a-z/-]+)\"")
FOLDERS = ("services.runtime.demonstration", "services.incidents", "services.mediation")


def in_the_source():
    """The paths that stand in the source of the demonstration and of the examples."""
    for folder in FOLDERS:
        for file in resources.files(folder).iterdir():
            if file.name.endswith(".py"):
                yield from PATH.findall(file.read_text(encoding="utf-8"))


def in_the_mappings():
    """The paths that the shipped mappings give."""
    for mapping in shipped():
        rule = load(find(mapping)).category
        under = f"{rule.under}/" if rule.under else ""
        yield from (f"{under}{path}" for path in (rule.values or {}).values())


def in_the_demonstration():
    """The paths that the demonstration puts together."""
    from services.runtime.demonstration import calls, feed

    for kinds in (calls.KINDS, feed.NAMES):
        yield from (f"{top}/{rest}" for top, each in kinds.items() for rest in each)
    yield from (f"dispute/{rest}" for rest in calls.DISPUTES)


USED = sorted(
    {*RAISED, *REPORTED, *in_the_source(), *in_the_mappings(), *in_the_demonstration()}
    | {each.category for each in case() if each.category}
)


@pytest.mark.parametrize("path", USED)
def test_a_category_that_is_used_is_on_the_list(path):
    first, last = path.partition("/")[0], path.rpartition("/")[2]
    assert first in categories()
    assert path in categories() or f"*/{last}" in categories()


def test_the_list_of_names_has_no_categories_of_its_own():
    said = yaml.safe_load((resources.files("services.analytics") / "words.yaml").read_text("utf-8"))
    assert not {each for each in said["names"] if "/" in each or each in categories()}


@pytest.mark.parametrize("path", ["crime", "crime/theft", "dispute/deposit", "public-order/leaflets", "other"])
def test_the_feed_and_the_pages_call_a_category_the_same(path):
    known = Gazetteer.shipped()
    assert tuple(name(path)) == (known.category(path, "zh"), known.category(path, "en"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_words_of_a_path_are_called_the_same(language):
    tails = Counter(said[language].casefold() for path, said in categories().items() if path.startswith("*/"))
    assert [each for each, times in tails.items() if times > 1] == []


def test_no_kind_is_called_like_another():
    for language in ("zh", "en"):
        assert len({said[language].casefold() for path, said in categories().items() if path in TOPS}) == len(TOPS)
