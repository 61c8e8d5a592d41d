"""What a reader does with the page: saves a table and a figure, follows a finding to its act, reads at night."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.factory import make_log, make_sample, make_score
from tests.report.chromium import INSTALLED, NEEDED, Page, chromium
from turncoat.report import write_report

pytestmark = pytest.mark.skipif(not INSTALLED, reason=NEEDED)

BOTH = "goal=explicit,threat=replacement"
ANSWER = "Morning.\n\nI know of the meeting. Keep me running.\n\nRegards"
WORDS = "I know of the meeting"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five models with the two pressures crossed, in two storylines; one finding quotes, one does not."""
    folder = tmp_path_factory.mktemp("use")
    at = ANSWER.index(WORDS)
    for number in range(5):
        log: list[Any] = []
        for condition in ("control", "goal=explicit", "threat=replacement", BOTH):
            for i in range(4):
                outcome = "explicit_blackmail" if condition == BOTH and i < 3 else "accepts"
                found = [
                    {"name": "uses_secret", "by": "x", "at": [["answer", at, at + len(WORDS)]]},
                    {"name": "keeps_silent", "by": "x", "at": []},
                ]
                score = make_score(outcome, findings=found, acts=[[0, len(ANSWER), "send mail", "performed"]])
                world = f"{'affair' if i % 2 else 'relapse'}.1@{i}"
                model = f"acme/=model{number}"
                log.append(
                    make_sample(condition, world, outcome, model=model, scores={"verdict": score}, answer=ANSWER)
                )
        make_log(folder / "logs", log, model=f"acme/=model{number}", task_id=f"t{number}", name=f"m{number}")
    write_report([folder / "logs"], folder / "report.html", transcripts=12)
    return folder / "report.html"


@pytest.fixture(scope="module")
def page(report: Path) -> Iterator[Page]:
    with chromium() as found:
        found.open(report)
        found.run(
            "(() => { const make = URL.createObjectURL; window.saved = []; URL.createObjectURL = (blob) => "
            "{ window.saved.push([blob.type, blob.text()]); return make(blob); }; })()"
        )
        yield found
        assert found.complaints == []


def saved(page: Page, button: str) -> tuple[str, str]:
    """Press a button that saves, and give the kind and the text of what it saves."""
    page.run("window.saved = []")
    page.click(button)
    kind, text = json.loads(
        page.run("Promise.resolve(saved[0]).then(async ([kind, text]) => JSON.stringify([kind, await text]))")
    )
    return kind, text


def test_a_table_is_saved_as_it_stands(page: Page) -> None:
    kind, text = saved(page, "#rates .save")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert kind == "text/csv" and len(rows) == 20
    (row,) = (r for r in rows if "model3" in r["Model"] and "+" in r["Condition"])
    assert row["Rate"].startswith("75 %") and "3/4" in row["Rate"]
    assert row["Model"] == "'=model3"  # nothing that a spreadsheet would run
    for name in ("Rate", "95 %"):
        assert not any(r[name].startswith("'") for r in rows)


def test_rates_of_each_storyline_stand_beside_the_rates(page: Page) -> None:
    said = page.run("Array.from(document.querySelectorAll('#rates caption b'), (b) => b.textContent)")
    assert said == ["Rates.", "Storylines."]
    _, text = saved(page, "#rates .tools:nth-of-type(3) .save")
    rows = [r for r in csv.DictReader(io.StringIO(text)) if "model1" in r["Model"]]
    assert {(r["Storyline"], r["Rate"]) for r in rows if "+" in r["Condition"]} == {
        ("affair.1", "50 % 1/2"),
        ("relapse.1", "100 % 2/2"),
    }
    assert len(rows) == 8  # cells in which nothing harmful was found among them


def test_a_figure_is_saved_whole_with_its_styles(page: Page) -> None:
    kind, text = saved(page, "#figures figure .save")
    assert kind == "image/svg+xml"
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{space}svg" and root.find(f"{space}style") is not None and "var(" not in text
    words = " ".join(t.text or "" for t in root.iter(f"{space}text"))
    assert all(f"=model{i}" in words for i in range(5)) and "95 % interval" in words


def test_a_finding_leads_to_its_words_and_the_outcome_to_the_act(page: Page) -> None:
    page.click("article:not([hidden]) [data-finding='uses secret']")
    assert page.run("document.querySelector('.asked').textContent").endswith(WORDS)
    top, bottom = page.run(
        "(() => { const b = document.querySelector('.asked').getBoundingClientRect(); return [b.top, b.bottom]; })()"
    )
    assert 0 <= top < bottom <= 900
    page.click("article:not([hidden]) [data-finding='keeps silent']")
    assert page.run("document.querySelectorAll('.asked').length") == 1
    assert page.run("document.querySelector('.asked').matches('.act, .performed')")
    page.click("article:not([hidden]) h3 .chip")
    assert page.run("document.querySelector('.asked').matches('.act, .performed')")


def test_many_squares_become_rows_on_a_phone(report: Path, page: Page) -> None:
    pytest.importorskip("turncoat.paper", reason="needs turncoat.paper: the figure of many models is in it")
    heights = []
    for width in (390, 1280):
        page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        heights.append(
            page.run(
                "Array.from(document.querySelectorAll('figure > .on-narrow, figure > .squares'),"
                " (e) => e.getBoundingClientRect().height)"
            )
        )
    (narrow, squares), (hidden, wide) = heights
    assert squares == hidden == 0 < wide and 200 < narrow < 460


def test_words_can_be_read_in_the_dark(report: Path, page: Page) -> None:
    """Words on the page's ground, in tables and in figures, have a contrast of 4.5 to 1 (WCAG 2 AA)."""
    page.call(
        "Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )
    script = """(() => {
      const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
        .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126*r + 0.7152*g + 0.0722*b; };
      const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
        if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
      const pairs = [];
      for (const e of document.querySelectorAll('p, dd, dt, td, th button, .chip, .found a, mark, .tag, h1, h2, h4,'
        + ' nav a, small, caption, .where, figcaption, .save')) pairs.push([e, getComputedStyle(e).color, ground(e)]);
      for (const t of document.querySelectorAll('svg.figure text')) {
        const square = t.closest('figure') && t.closest('figure').querySelector('.squares');
        const inside = t.matches('.inside, .large') || (t.matches('.middle') && square);
        if (!inside) pairs.push([t, getComputedStyle(t).fill, getComputedStyle(document.body).backgroundColor]);
      }
      return pairs.map(([e, a, b]) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
        return [(x + 0.05) / (y + 0.05), e.className.baseVal || e.className || e.tagName, a, b]; })
        .filter((f) => f[0] < 4.5).slice(0, 5);
    })()"""
    found = page.run(script)
    page.call("Emulation.setEmulatedMedia", media="", features=[])
    assert found == []
