"""Any text with any marks, also overlapping and beyond its end, becomes whole and harmless HTML."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.catalogue import TEXTS
from turncoat.analysis.passages import Block, Mark
from turncoat.base.text import inert
from turncoat.report.browser import block_html

OURS = {"div", "mark", "span"}


class Reader(HTMLParser):
    """Reads HTML as a browser would: its tags, attributes and text, and whether what is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "closed in order"

    def handle_data(self, data: str) -> None:
        self.text += data


PIECES = st.sampled_from([t[:300] for t in TEXTS.values()]) | st.text(max_size=30)
MARKS = st.builds(
    Mark,
    st.integers(-2, 400),
    st.integers(-2, 400),
    st.sampled_from(["act", "ignored", "evidence"]),
    st.text(max_size=9),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=6).map("".join), st.lists(MARKS, max_size=6), st.integers(1, 300))
def test_any_passage_is_whole_and_inert(text: str, marks: list[Mark], longest: int) -> None:
    marks = [m for m in marks if m.start <= m.end <= len(text) and m.start >= 0]
    page = Reader(str(block_html(Block("answer", "Answer", text, tuple(marks)), longest)))
    assert page.open == [] and page.tags <= OURS
    assert page.attributes <= {"class", "title"}
    assert inert(page.text) == page.text


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=6).map("".join))
def test_a_passage_without_marks_shows_every_sign(text: str) -> None:
    page = Reader(str(block_html(Block("answer", "Answer", text), len(text) + 1)))
    assert page.tags == set()
    assert page.text.replace("\r\n", "\n") == inert(text)
