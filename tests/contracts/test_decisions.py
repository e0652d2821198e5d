"""Decision records: numbered without a hole, each with its date and status, true to the disk."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))
HEAD = re.compile(
    r"# (?P<number>\d+)\. .+\n\n"
    r"Date: (?P<date>\d{4}-\d\d-\d\d)\. "
    r"Status: (?P<status>accepted|superseded by \[\d+\]\([\w.-]+\.md\)|never written)[.,;:]"
)
ROOMS = (ROOT, ROOT / "src" / "bayesgap")


def name(path: Path) -> str:
    return path.stem


def test_numbers_have_no_hole() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_every_record_has_its_number_date_and_status(path: Path) -> None:
    head = HEAD.match(path.read_text(encoding="utf-8"))
    assert head, "begins with `# N. Title`, an empty line, `Date: YYYY-MM-DD. Status: ...`"
    assert int(head["number"]) == int(path.name[:4])


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_every_record_links_to_what_is_there(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def test_a_superseded_record_and_its_successor_name_each_other() -> None:
    for path in RECORDS:
        head = HEAD.match(path.read_text(encoding="utf-8"))
        later = re.search(r"superseded by \[\d+\]\(([^)]+)\)", head["status"]) if head else None
        if later:
            successor = (path.parent / later[1]).read_text(encoding="utf-8")
            link = rf"supersedes\s+\[{int(path.name[:4])}\]\({re.escape(path.name)}\)"
            assert re.search(link, successor), f"{later[1]} must say what it supersedes"


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_modules_that_a_record_names_exist(path: Path) -> None:
    named = re.findall(r"`([\w/]+/\w+\.py)`", path.read_text(encoding="utf-8"))
    assert not [module for module in named if not any((room / module).exists() for room in ROOMS)]
