"""The documents lead where they say: every link, every name behind a link, every command."""

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands

from restaurant.run.__main__ import COMMANDS
from tests.chaos.experiments import EXPERIMENTS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PATTERNS = [ROOT / "docs" / name for name in ("patterns.md", "patterns.th.md")]

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")
COMMAND = re.compile(r"`((?:\./run|\.venv/bin/python) [^`]+)`")


def prose(document: Path) -> str:
    return FENCED.sub("", document.read_text())


def links(document: Path) -> Iterator[tuple[str, str]]:
    """The words of each link, and where it leads within the repository."""
    for found in LINK.finditer(prose(document)):
        words, target = found.groups()
        if "://" not in target and not target.startswith("mailto:"):
            yield words, target


def anchors(document: Path) -> set[str]:
    """The headings as GitHub turns them into anchors."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.M)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    # Marks go, except those of Thai vowels and tones, which are part of a word.
    return {re.sub(r"[^\w\u0e00-\u0e7f\- ]", "", one.lower()).replace(" ", "-") for one in plain}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    astray = []
    for _words, target in links(document):
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        missing = anchor and there.suffix == ".md" and anchor not in anchors(there)
        if not there.exists() or missing:
            astray.append(target)
    assert astray == []


@pytest.mark.parametrize("document", PATTERNS, ids=lambda path: path.name)
def test_what_is_named_in_code_stands_in_the_file_behind_its_link(document: Path) -> None:
    named = [
        (name, (document.parent / target).resolve())
        for words, target in links(document)
        for name in re.findall(r"`([^`]+)`", words)
        if not target.partition("#")[0].endswith(".md")
    ]
    assert len(named) > 50
    lost = [name for name, there in named if name.rpartition(".")[2] not in there.read_text()]
    assert lost == []


def commands(document: Path) -> Iterator[list[str]]:
    """What is to be typed in a terminal, but for curl, whose examples are tried on the product."""
    blocks = [text for kind, text in FENCED.findall(document.read_text()) if kind == "sh"]
    lines = [line for text in blocks for line in text.splitlines() if not text.startswith("curl")]
    for line in [*lines, *COMMAND.findall(prose(document))]:
        yield shlex.split(line, comments=True)


@pytest.mark.parametrize("document", PATTERNS, ids=lambda path: path.name)
def test_every_command_can_be_typed(document: Path) -> None:
    typed = [command for command in commands(document) if command]
    assert len(typed) > 10
    for program, word, *rest in typed:
        if program == "./run":
            assert word in COMMANDS, word
            assert_can_run(word, rest)
        else:
            assert (program, word) == (".venv/bin/python", "-m")
            assert find_spec(rest[0]), rest


def assert_can_run(word: str, rest: list[str]) -> None:
    if word == "chaos":
        assert rest[0] in EXPERIMENTS, rest
    elif word == "manage":
        assert rest[0] in get_commands(), rest
    elif word == "test":
        tests = "".join(path.read_text() for path in ROOT.rglob("test_*.py"))
        assert all(f"def {name}(" in tests for name in rest[rest.index("-k") + 1 :]), rest


def test_both_languages_link_to_the_same_places_and_type_the_same() -> None:
    english, thai = ([target for _, target in links(one)] for one in PATTERNS)
    own = {"patterns.th.md", "patterns.md"}
    assert sorted(code_links(english) - own) == sorted(code_links(thai) - own)
    assert [*commands(PATTERNS[0])] == [*commands(PATTERNS[1])]


def code_links(targets: list[str]) -> set[str]:
    return {target for target in targets if not target.startswith("#")}
