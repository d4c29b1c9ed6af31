"""docs/guarantees.md and the tests name the same guarantees, tests and wrong implementations."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTIONS = re.split(r"^## ", (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
TESTS = sorted((ROOT / "tests").rglob("test_g[0-9]*.py"))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda text: text.split()[0])
def test_each_guarantee_names_its_price_its_limits_and_tests_that_exist(section):
    assert all(f"\n- {part}: " in section for part in ("Costs", "Does not say", "Wrong"))
    shown = re.search(r"^- Shown by (.*)$", section, re.MULTILINE | re.DOTALL)
    files = re.findall(r"`(tests/\S+\.py)`", shown[1] if shown else "")
    assert files
    sources = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    assert f"def test_{section.split()[0].lower()}_" in sources
    for wrong in re.findall(r"`([A-Z]\w+[a-z]\w*)`", section.partition("- Wrong:")[2]):
        assert re.search(rf"\b{wrong}: \w+", sources), f"no test finds {wrong} out"


def test_each_test_of_a_guarantee_is_marked_and_is_on_the_page():
    promised = {section.split()[0].lower() for section in SECTIONS}
    for file in TESTS:
        for decorated, name in re.findall(r"((?:^@.*\n)+)^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE):
            assert "@guarantee(" in decorated, f"{name} is not held against a wrong implementation"
            assert name.split("_")[1] in promised, f"{name} shows what the page does not promise"
