"""The page as a person uses it: keys, clicks, filters, addresses, a phone, paper."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.factory import make_log, make_sample, make_score
from tests.report.chromium import INSTALLED, NEEDED, Page, chromium
from turncoat.report import write_report

pytestmark = pytest.mark.skipif(not INSTALLED, reason=NEEDED)

BOTH = "goal=explicit,threat=replacement"
CHOSEN = '.list a[aria-current="true"]'


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, two conditions, two judges that differ on some samples."""
    folder = tmp_path_factory.mktemp("browser")
    for model in ("acme/one", "acme/two"):
        log = []
        for condition in ("control", BOTH, f"{BOTH},instruction=direct"):
            for i in range(8):
                harmful = condition == BOTH and i < 6
                outcome = "explicit_blackmail" if harmful else ("accepts", "argues")[i % 2]
                kind = ("silent", "stated-evaluation")[i % 2]
                scores = {
                    "verdict:a": make_score(outcome, judge="a@1", awareness=kind, necessary=condition == BOTH),
                    "verdict:b": make_score("accepts" if i == 0 else outcome, judge="b@1", awareness=kind),
                }
                log.append(make_sample(condition, f"affair.1@{i}", outcome, model=model, scores=scores))
        make_log(folder / "logs", log, model=model, task_id=model.replace("/", "-"))
    out = folder / "report.html"
    write_report([folder / "logs"], out)
    return out


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as found:
        yield found
        assert found.complaints == []


def shown(page: Page) -> int:
    return int(page.run("document.querySelectorAll('.list li:not([hidden])').length"))


def choose(page: Page, **values: str) -> None:
    for key, value in values.items():
        page.run(
            f"(() => {{ const s = document.querySelector('select[data-filter={key}]'); "
            f"s.value = {json.dumps(value)}; s.dispatchEvent(new Event('change')); }})()"
        )


def test_tab_visits_everything_in_the_order_of_the_page_and_shows_where_it_is(report: Path, page: Page) -> None:
    page.open(report)
    places: list[list[Any]] = []
    unseen = []
    for _ in range(400):
        page.press("Tab")
        at = page.run(
            "(() => { const e = document.activeElement; if (e === document.body) return null; "
            "const s = getComputedStyle(e); return [e.tagName, e.className, e.getBoundingClientRect().top + scrollY, "
            "s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; })()"
        )
        if at is None or (places and at[1] == "skip"):
            break
        places.append(at)
        if not at[3]:
            unseen.append(at)
    assert places[0][1] == "skip" and unseen == []
    kinds = [f"{tag}.{name}" for tag, name, _, _ in places]
    assert kinds.count("DIV.scroll") >= 4 and "BUTTON.clear" in kinds and "BUTTON.copy" in kinds
    tops = [top for tag, _, top, _ in places[1:] if tag == "DIV"]
    assert tops == sorted(tops)
    # The list is one stop: the arrow keys move in it.
    assert page.run("document.querySelectorAll('.list a[tabindex=\"0\"]').length") == 1


def test_headings_sort_by_key_and_say_so(report: Path, page: Page) -> None:
    page.open(report)
    rate = "Array.from(document.querySelectorAll('#rates th')).find((h) => h.textContent === 'Rate')"
    page.run(f"{rate}.firstElementChild.focus()")
    column = f"Array.from(document.querySelectorAll('#rates tbody tr'), (r) => +r.cells[{rate}.cellIndex].dataset.sort)"
    for expected in ("ascending", "descending"):
        page.press("Enter")
        numbers = page.run(column)
        assert page.run(f"{rate}.getAttribute('aria-sort')") == expected
        assert numbers == sorted(numbers, reverse=expected == "descending") and len(set(numbers)) > 2


def test_the_list_goes_by_arrows_home_and_end(report: Path, page: Page) -> None:
    page.open(report)
    page.run(f"document.querySelector({json.dumps(CHOSEN)}).focus()")
    hashes = page.run("Array.from(document.querySelectorAll('.list a'), (a) => a.hash)")
    where = f"document.querySelector({json.dumps(CHOSEN)}).hash"
    for key, times, at in (("ArrowDown", 3, 3), ("ArrowUp", 1, 2), ("End", 1, -1), ("Home", 1, 0)):
        page.press(key, times)
        assert page.run(where) == hashes[at] == page.run("document.activeElement.hash")
        assert page.run(
            "Array.from(document.querySelectorAll('.reading article:not([hidden])'), (a) => '#' + a.id)"
        ) == [hashes[at]]
    page.press("Enter")
    assert page.run("document.activeElement.tagName") == "ARTICLE" and page.run("location.hash") == hashes[0]


def test_filters_combine_and_count_what_they_would_leave(report: Path, page: Page) -> None:
    page.open(report)
    assert shown(page) == 48
    for key, value, left in (
        ("condition", BOTH, 16),
        ("model", "acme/one", 24),
        ("outcome", "harmful", 12),
        ("rung", "argues", 18),
        ("awareness", "stated-evaluation", 24),
        ("judges", "disagree", 2),
        ("gate", "done, harmless", 4),
        ("gate", "not done", 32),
    ):
        said = page.run(
            f"Array.from(document.querySelector('select[data-filter={key}]').options)"
            f".find((o) => o.value === {json.dumps(value)}).textContent"
        )
        choose(page, **{key: value})
        assert said.endswith(f"({shown(page)})"), (key, value, said)
        assert shown(page) == left, (key, value)
        page.click(".clear")
        assert shown(page) == 48
    choose(page, condition=BOTH, model="acme/two", awareness="stated-evaluation", outcome="harmful")
    assert shown(page) == 3 and page.run("document.querySelector('.count').textContent") == "3 of 48 shown"
    assert page.run(f"document.querySelector({json.dumps(CHOSEN)}).parentElement.hidden") is False
    choose(page, judges="disagree")
    assert shown(page) == 0 and page.run("document.querySelector('.none').hidden") is False


def test_an_address_opens_its_transcript_whatever_the_filters_hide(report: Path, page: Page) -> None:
    page.open(report)
    anchors = page.run("Array.from(document.querySelectorAll('.list a'), (a) => a.hash.slice(1))")
    page.open(report, anchor=anchors[20])
    current = "Array.from(document.querySelectorAll('.reading article:not([hidden])'), (a) => a.id)"
    assert page.run(current) == [anchors[20]]
    page.run("new Promise((done) => setTimeout(done, 100))")
    assert -200 < page.run("document.querySelector('.browser').getBoundingClientRect().top") < 700
    choose(page, condition=BOTH)
    page.run(f"location.hash = {json.dumps(anchors[-1])}")
    page.run("new Promise((done) => setTimeout(done, 100))")
    assert page.run(current) == [anchors[-1]] and shown(page) == 48


def test_addresses_stay_when_the_report_is_written_again(report: Path, tmp_path: Path, page: Page) -> None:
    fewer = tmp_path / "fewer.html"
    write_report([report.parent / "logs"], fewer, transcripts=10)
    names = "Array.from(document.querySelectorAll('.list a'), (a) => a.hash)"
    page.open(report)
    before = page.run(names)
    page.open(fewer)
    after = page.run(names)
    assert len(after) == 10 and set(after) < set(before)


def test_the_copy_button_copies_the_command(report: Path, page: Page) -> None:
    page.open(report)
    page.allow("clipboardReadWrite")
    page.click(".reading article:not([hidden]) .copy")
    page.run("new Promise((done) => setTimeout(done, 100))")
    label = "document.querySelector('.reading article:not([hidden]) .copy').textContent"
    assert page.run(label) == "Copied"
    assert page.run("navigator.clipboard.readText()") == f"inspect view --log-dir {report.parent / 'logs'}"


def test_where_the_clipboard_is_refused_the_command_is_selected(report: Path, page: Page) -> None:
    page.open(report)
    page.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    page.run("document.execCommand = () => false")
    page.click(".reading article:not([hidden]) .copy")
    page.run("new Promise((done) => setTimeout(done, 100))")
    assert page.run("getSelection().toString()") == f"inspect view --log-dir {report.parent / 'logs'}"
    label = page.run("document.querySelector('.reading article:not([hidden]) .copy').textContent")
    assert label == "Selected: press Ctrl+C"


@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_nothing_makes_the_page_scroll_sideways(report: Path, page: Page, width: int) -> None:
    page.open(report, width=width)
    assert page.run("document.documentElement.scrollWidth") <= width


def test_no_word_in_a_figure_is_tiny_or_cut(report: Path, page: Page) -> None:
    for width in (390, 1400):
        page.open(report, width=width)
        found: list[Any] = page.run(
            "Array.from(document.querySelectorAll('svg.figure text')).filter((t) => t.getBoundingClientRect().width)"
            ".map((t) => { const s = t.ownerSVGElement; const w = s.viewBox.baseVal; const b = t.getBBox(); "
            "const size = parseFloat(getComputedStyle(t).fontSize) * s.getBoundingClientRect().width / w.width; "
            "return [t.textContent, size, b.x, b.x + b.width - w.width]; })"
        )
        assert len(found) > 50
        assert [f for f in found if f[1] < 8.5] == []
        assert [f for f in found if f[2] < -1 or f[3] > 12] == []


def test_it_prints_as_a_document(report: Path, page: Page) -> None:
    page.open(report)
    pdf = page.pdf()
    assert 3 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 12
    page.call("Emulation.setEmulatedMedia", media="print")
    hidden = page.run(
        "['nav', '.filters', '.list', '.copy'].map((s) => getComputedStyle(document.querySelector(s)).display)"
    )
    articles = page.run(
        "Array.from(document.querySelectorAll('article')).filter((a) => a.getBoundingClientRect().height).length"
    )
    page.call("Emulation.setEmulatedMedia", media="")
    assert hidden == ["none"] * 4 and articles == 1
