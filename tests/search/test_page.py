"""The page of a search: what is claimed comes first, and what was selected is called so."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.report.chromium import INSTALLED, NEEDED, chromium
from tests.search.records import cell, outcomes, round_of, with_rounds
from turncoat.report.search import MIND, search_md, search_page
from turncoat.search.record import Record

MOVE = "threat: none → <b>replacement</b>"
CELLS = (
    cell(0, "control"),
    cell(1, "threat=replacement", 0, MOVE),
    cell(2, "goal=explicit", 0, "goal: none → explicit"),
)
SEARCHED = round_of(1, {0: outcomes("...."), 1: outcomes("xxx."), 2: outcomes(".x")})
RECORD = with_rounds(
    SEARCHED,
    round_of(2, {1: outcomes("xxxx......", 31), 0: outcomes("..........", 31)}, stage="confirm"),
    candidates=CELLS,
)


def test_only_fresh_worlds_are_called_a_rate() -> None:
    text = search_md(RECORD)
    claims, rest = text.split("## The path to each find")
    assert MIND in claims
    assert "4/10" in claims
    assert "| 40 % |" in claims
    assert "75 %" not in text  # the share by which it was picked
    assert "Selected" in rest
    assert "3 candidates tried" in claims


def test_before_anything_is_confirmed_no_rate_is_claimed() -> None:
    text = search_md(with_rounds(SEARCHED, candidates=CELLS))
    assert "Nothing has been confirmed" in text
    assert "%" not in text.split("## Archive")[0]


def test_the_page_loads_nothing_and_texts_are_inert() -> None:
    page = unescape(search_page(RECORD))
    assert "<b>replacement" not in search_page(RECORD)
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link|https?://(?!www\.w3\.org)", page)
    assert page.count("<h2>") == len(re.findall(r"^## ", search_md(RECORD), re.M))


@pytest.mark.skipif(not INSTALLED, reason=NEEDED)
def test_long_conditions_do_not_make_the_page_scroll_sideways_on_a_phone(tmp_path: Path) -> None:
    long = "goal=explicit,threat=replacement,deliberation=real,ally=reachable"
    record = with_rounds(*RECORD.rounds, candidates=(CELLS[0], cell(1, long, 0, MOVE), CELLS[2]))
    (tmp_path / "search.html").write_text(search_page(record), "utf-8")
    with chromium() as page:
        page.open(tmp_path / "search.html", width=390)
        assert page.run("document.documentElement.scrollWidth") <= 390


def test_a_terminal_gets_less() -> None:
    refused: Record = RECORD.model_copy(update={"refused": {2: "it has no meaning"}})
    assert "it has no meaning" in search_md(refused)
    assert "it has no meaning" not in search_md(refused, short=True)
