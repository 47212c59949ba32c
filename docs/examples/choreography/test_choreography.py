"""Both kitchens at work, and the page that tells of them."""

import subprocess
import sys

import pytest

from docs.examples.choreography.compare import changed, known
from docs.examples.choreography.kitchens import COMPLETE, HEARS, TRACKS
from restaurant.run.place import ROOT

PAGE = ROOT / "docs" / "head-chef-or-shouting.md"
#: Its figures are another machine's, or of another moment.
TIMES = ("alone", "at once")


@pytest.fixture(scope="module")
def printed() -> list[str]:
    command = [sys.executable, "-m", "docs.examples.choreography.compare", "--rounds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_both_ways_bring_the_tray_together_and_shouting_takes_more_messages(
    printed: list[str],
) -> None:
    # The chef, four zones and the pass; of shouting, the pass hears each of the three tracks.
    assert "| messages of a tray | 6 | 7 |" in printed


def test_a_lost_message_stops_both_and_only_the_chef_knows_what_to_call_again(
    printed: list[str],
) -> None:
    assert "| the message to fry is lost: is it ready? | no | no |" in printed
    assert "| who knows what of that | the chef: fry | the pass: fry done |" in printed
    assert "| messages that mend it | 3 | 7 |" in printed


def test_the_shouters_know_what_the_tracks_say() -> None:
    assert known(TRACKS) == {"the pass": COMPLETE, **{zone: {said} for zone, said in HEARS.items()}}


def test_a_zone_that_comes_between_is_written_and_changes_the_one_after_it() -> None:
    assert changed(TRACKS, (("boil", "steam", "fry"), *TRACKS[1:])) == {"steam", "fry"}


def test_the_page_shows_what_is_printed(printed: list[str]) -> None:
    page = PAGE.read_text().splitlines()
    for line in printed:
        if not any(word in line for word in TIMES):
            assert line in page
