"""Stars and notes are changed in an incident's file, and nothing else that people wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.errors import ParameterError
from opslib.parameters.incident_file import parse_incident
from opslib.parameters.incident_marks import rewrite_marks

HEAD = """\
# Of the night of the sale.
title: "Checkout slow"  # as the status page said
start: "2026-03-01T08:00:00Z"
end: 2026-03-01T22:00:00+00:00
"""
MARKED = f"""{HEAD}
stars:
  # the deployment, and what it broke
  - aaaaaaaaaaaa  # deployed
  - 'bbbbbbbbbbbb'
notes:
  aaaaaaaaaaaa: first  # by ada
  bbbbbbbbbbbb: |
    two
    lines
  cccccccccccc: "last"
# the end
priority: P1
"""


def marks(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    file = parse_incident(text, "x.yaml")
    return file.stars, file.notes


def test_the_first_star_and_note_follow_what_is_there() -> None:
    text = rewrite_marks(HEAD, "x.yaml", stars=["aaaaaaaaaaaa"], notes={"aaaaaaaaaaaa": "why"})
    assert text == f"{HEAD}stars:\n- aaaaaaaaaaaa\nnotes:\n  aaaaaaaaaaaa: why\n"


def test_a_line_is_added_and_all_others_stay_as_they_are() -> None:
    stars, notes = marks(MARKED)
    text = rewrite_marks(
        MARKED, "x.yaml", stars=[*stars, "dddddddddddd"], notes={**notes, "dddddddddddd": "new"}
    )
    added = [line for line in text.splitlines() if line not in MARKED.splitlines()]
    assert added == ["  - dddddddddddd", "  dddddddddddd: new"]
    assert [line for line in text.splitlines() if line not in added] == MARKED.splitlines()
    assert marks(text) == ((*stars, "dddddddddddd"), {**notes, "dddddddddddd": "new"})


def test_one_is_taken_away_and_one_is_altered() -> None:
    notes = {"bbbbbbbbbbbb": "two\nlines\n", "cccccccccccc": "altered"}
    text = rewrite_marks(MARKED, "x.yaml", stars=["bbbbbbbbbbbb"], notes=notes)
    gone = ["  - aaaaaaaaaaaa  # deployed", "  aaaaaaaaaaaa: first  # by ada"]
    expected = [line for line in MARKED.splitlines() if line not in gone]
    expected[expected.index('  cccccccccccc: "last"')] = "  cccccccccccc: altered"
    assert text.splitlines() == expected


def test_a_note_of_several_lines_is_replaced_whole() -> None:
    stars, notes = marks(MARKED)
    text = rewrite_marks(MARKED, "x.yaml", stars=stars, notes={**notes, "bbbbbbbbbbbb": "short"})
    assert "two" not in text
    assert marks(text)[1]["bbbbbbbbbbbb"] == "short"


def test_the_last_of_a_section_leaves_it_empty() -> None:
    text = rewrite_marks(MARKED, "x.yaml", stars=[], notes={})
    assert marks(text) == ((), {})
    assert text.startswith(HEAD)
    assert text.endswith("# the end\npriority: P1\n")


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}stars: [aaaaaaaaaaaa]\nnotes: {{aaaaaaaaaaaa: first}}",
        f"{HEAD}stars: [\n  aaaaaaaaaaaa]\nnotes: {{\n  aaaaaaaaaaaa: first}}\n",
        f"{HEAD}stars:\n- aaaaaaaaaaaa\nnotes:\n    aaaaaaaaaaaa: first",
        f"{HEAD}stars:\n  -\n    aaaaaaaaaaaa\nnotes:\n  aaaaaaaaaaaa:\n    first\n",
        f"{HEAD}stars:\n- aaaaaaaaaaaa\nnotes:\n  aaaaaaaaaaaa: >-\n    first",
        f"---\n{HEAD}stars:\n- aaaaaaaaaaaa\nnotes:\n  aaaaaaaaaaaa: first\n...\n",
        f"{HEAD}stars:\n- aaaaaaaaaaaa\nnotes:\n  aaaaaaaaaaaa: first\n".replace("\n", "\r\n"),
    ],
)
def test_however_it_is_written(text: str) -> None:
    wanted = ("aaaaaaaaaaaa", "bbbbbbbbbbbb"), {"aaaaaaaaaaaa": "altered", "bbbbbbbbbbbb": "new"}
    changed = rewrite_marks(text, "x.yaml", stars=wanted[0], notes=wanted[1])
    assert marks(changed) == wanted
    assert "# as the status page said" in changed


@pytest.mark.parametrize(
    "text",
    ['{start: "2026-03-01T08:00:00Z", end: "2026-03-01T22:00:00Z"}\n', f"---\n{HEAD}...\n"],
)
def test_a_file_that_nothing_can_follow_is_refused_and_says_where(text: str) -> None:
    with pytest.raises(ParameterError, match=r"x\.yaml.*line of its own"):
        rewrite_marks(text, "x.yaml", stars=["aaaaaaaaaaaa"], notes={"aaaaaaaaaaaa": "x"})


def test_a_malformed_file_is_refused_with_its_line() -> None:
    with pytest.raises(ParameterError, match=r"x\.yaml:5"):
        rewrite_marks(f"{HEAD}stars: {{", "x.yaml", stars=["a"], notes={})


IDS = st.text("0123456789abcdef", min_size=12, max_size=12)


@given(
    stars=st.lists(IDS, unique=True, max_size=4),
    notes=st.dictionaries(IDS, st.text(min_size=1, max_size=80), max_size=4),
)
def test_whatever_is_noted_is_read_again(stars: list[str], notes: dict[str, str]) -> None:
    for text in (HEAD, MARKED):
        changed = rewrite_marks(text, "x.yaml", stars=stars, notes=notes)
        assert marks(changed) == (tuple(stars), notes)
        assert changed.startswith(HEAD)
