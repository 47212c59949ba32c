"""What the rush says when it can't begin, or is told nonsense."""

import json
from pathlib import Path

import pytest

from bench.rush.__main__ import main
from bench.rush.arguments import parser, read
from bench.rush.demo import Demo, read_demo

TOKENS = {"app": "a", "app2": "b", "waiter": "w", "cook": "c", "manager": "m"}


def test_the_demo_file_says_where_and_who(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    file.write_text(json.dumps({"url": "http://127.0.0.1:8000", "tokens": TOKENS}))
    assert read_demo(file) == Demo("http://127.0.0.1:8000", "a", "c", "w", "m")


def test_without_a_demo_file_it_says_what_to_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo", str(tmp_path / "demo.json")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "start the restaurant with ./run" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"url": "http://127.0.0.1:8000"}'])
def test_another_file_is_no_demo_file(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "demo.json"
    file.write_text(text)
    assert main(["--demo", str(file)]) == 2
    assert "is not the demo.json of a running restaurant" in capsys.readouterr().err


def test_a_product_that_is_not_there_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unused_url: str
) -> None:
    file = tmp_path / "demo.json"
    file.write_text(json.dumps({"url": unused_url, "tokens": TOKENS}))
    assert main(["--demo", str(file)]) == 2
    said = capsys.readouterr().err
    assert f"The restaurant at {unused_url}/api/v1/ does not answer" in said
    assert len(said.splitlines()) == 1


def test_var_says_where_the_demo_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR", "/somewhere")
    assert parser().parse_args([]).demo == Path("/somewhere/demo.json")
    monkeypatch.delenv("VAR")
    assert parser().parse_args([]).demo == Path("var/demo.json")


@pytest.mark.parametrize(
    "words",
    [
        ["--orders", "0"],
        ["--cooks", "-1"],
        ["--speed", "0"],
        ["--rate", "nan"],
        ["--placed", "boil"],
        ["--dish-minutes", "10"],
    ],
)
def test_numbers_that_make_no_sense_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        read(words)
    assert refusal.value.code == 2


def test_the_help_explains_the_rate(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "75% of their time" in " ".join(capsys.readouterr().out.split())
