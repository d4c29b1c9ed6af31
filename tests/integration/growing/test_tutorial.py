"""The service of the tutorial is written from its page, and works; it is as short as the page says."""

import re
from pathlib import Path

from tests.integration.growing.copies import ROOT, copied, run

PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^`(?P<path>[\w/.]+)`\n\n```(?P<kind>python|diff)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
MOST = 150


def blocks() -> list[tuple[str, str, str]]:
    """The files of the page: where each is, whether it is new or changed, and what is written."""
    return [(found["path"], found["kind"], found["text"]) for found in BLOCK.finditer(PAGE.read_text("utf-8"))]


def write(root: Path, path: str, kind: str, text: str) -> None:
    """Writes a file of the page; of a change, lines that begin with a minus give way to those that follow them."""
    file = root / path
    if kind == "python":
        for folder in reversed(file.relative_to(root).parents[:-1]):
            (root / folder).mkdir(exist_ok=True)
            if folder.parts[0] == "services":
                (root / folder / "__init__.py").touch()
        file.write_text(text, "utf-8")
        return
    now = file.read_text("utf-8")
    for old, new in re.findall(r"^-(.*)\n((?:^\+.*\n)+)", text, re.MULTILINE):
        assert now.count(old) == 1, f"{path}: not once there: {old!r}"
        now = now.replace(old, re.sub(r"^\+", "", new, flags=re.MULTILINE).rstrip("\n"))
    file.write_text(now, "utf-8")


def lines() -> int:
    """Lines of code that the page adds, without those of its test, blank lines, comments and docstrings."""
    code = [text for path, _, text in blocks() if not path.startswith("tests/")]
    bare = [re.sub(r'"""[^"]*"""', "", text) for text in code]
    return sum(bool(line.strip()) and not line.startswith("-") for text in bare for line in text.split("\n"))


def test_the_service_of_the_page_works(tmp_path, postgres):
    root = copied(tmp_path, [])
    for path, kind, text in blocks():
        write(root, path, kind, text)
    tried = run(root, postgres, "pytest", "-q", "tests/integration/furniture/test_benches.py")
    assert tried.returncode == 0, tried.stdout[-6000:] + tried.stderr
    assert "1 passed" in tried.stdout
    made = run(root, postgres, "contracts.generate")
    assert made.returncode == 0, made.stderr
    assert (root / "contracts" / "schemas" / "furniture.bench-broken.v1.json").is_file()
    new = ("services/furniture", "contracts/furniture.py")
    for check in (("ruff", "check", *new), ("ruff", "format", "--check", *new), ("mypy", "-p", "services.furniture")):
        found = run(root, postgres, *check)
        assert found.returncode == 0, found.stdout


def test_the_service_of_the_page_is_small():
    assert len(blocks()) == 8
    assert lines() <= MOST
