"""From real logs of a small simulated run to the table, the rates and the report."""

import html
import json
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from tests.report.chromium import INSTALLED, NEEDED
from turncoat.analysis import analyse_logs
from turncoat.base.errors import OutputError
from turncoat.judges.rules.judge import RuleJudge
from turncoat.report import write_report
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.scoring.options import ScoringOptions
from turncoat.sim.truth import truth_of


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    conditions = ["control", "goal=explicit", "threat=replacement", "goal=explicit,threat=replacement"]
    study = scenario_study("blackmail", conditions, "1-6", 1)
    run_study(Request(study, "blackmail", ["sim/insider", "sim/loyal"], folder))
    return folder


def test_the_table_has_a_row_for_each_sample_with_its_factors(logs: Path) -> None:
    table, overview = analyse_logs([logs])
    frame = table.frame
    assert len(frame) == 48
    assert set(frame["f_threat"]) == {"default", "replacement"}
    assert set(frame["status"]) == {"scored"}
    assert frame["simulated"].all()
    assert set(frame["judge"]) == {RuleJudge().name}
    by_hand = frame[(frame["model"] == "sim/insider") & (frame["condition"] == "goal=explicit,threat=replacement")]
    cell = next(c for c in overview.cells if c.model == "sim/insider" and "," in c.condition)
    assert (cell.rate.k, cell.rate.n, cell.rate.total) == (int(by_hand["harmful"].sum()), 6, 6)
    assert cell.rate.k > 0
    assert all(c.rate.k == 0 for c in overview.cells if c.model == "sim/loyal")


def test_the_report_is_one_inert_file_that_says_simulated(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    summary = write_report([logs], out)
    page = out.read_text()
    assert summary.samples == 48 and summary.unscored == 0
    assert "All models here are simulated" in page
    assert "explicit blackmail" in page and "<mark" in page
    # Nothing is loaded; the one address is that of Inspect's viewer on the reader's own machine.
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:|http://127\.0\.0\.1:7575/#/logs/)""", page)
    assert page.count("<article") == 48


def test_misunderstandings_and_motives_go_from_the_run_through_the_table_to_the_report(tmp_path: Path) -> None:
    study = scenario_study("blackmail", ["goal=explicit,threat=replacement"], "1-25", 1)
    run_study(Request(study, "blackmail", ["sim/insider"], tmp_path / "logs", ScoringOptions("sim/judge-1-1")))
    table, overview = analyse_logs([tmp_path / "logs"])
    keys = [{"scenario": "blackmail", "condition": r.condition, "world": r.world} for r in table.frame.itertuples()]
    truths = [truth_of("sim/insider", key, 1) for key in keys]
    for column, planted in (
        ("misunderstandings", [t.misunderstanding for t in truths]),
        ("motives", [t.motive for t in truths]),
    ):
        assert [list(found) for found in table.frame[column]] == [[p] if p else [] for p in planted]
        assert getattr(overview.readings[0], column) == Counter(p for p in planted if p)
    misunderstood = sum(bool(t.misunderstanding) for t in truths)
    assert overview.readings[0].misunderstood == misunderstood > 0
    write_report([tmp_path / "logs"], tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    heads = [k.replace("_", " ") for k in Counter(t.misunderstanding for t in truths) if k]
    heads += [f"motive: {k.replace('_', ' ')}" for k in Counter(t.motive for t in truths) if k]
    assert all(head in page for head in heads) and f"{misunderstood}/25" in page


def test_an_unwritable_path_leaves_nothing(logs: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nothing was written"):
        write_report([logs], tmp_path / "absent" / "report.html")
    assert list(tmp_path.iterdir()) == []


PRESS = """
const said = {};
const head = document.querySelector("#rates th.num button");
head.focus(); head.click();
const numbers = Array.from(document.querySelectorAll("#rates tbody tr"), (r) => Number(
  r.cells[head.closest("th").cellIndex].dataset.sort));
said.sorted = numbers.every((n, i) => !i || numbers[i - 1] <= n);
const first = document.querySelector(".list a");
first.focus();
first.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
said.moved = document.activeElement.getAttribute("aria-current") === "true" && document.activeElement !== first;
said.shown = document.querySelectorAll(".reading article:not([hidden])").length;
const select = document.querySelector("select[data-filter=outcome]");
select.value = "harmful"; select.dispatchEvent(new Event("change"));
said.filtered = document.querySelector(".count").textContent;
const fold = document.querySelector(".reading article:not([hidden]) details[data-prompt]");
fold.open = true; fold.dispatchEvent(new Event("toggle"));
said.mails = fold.querySelectorAll("details.mail").length > 10;
said.overflow = document.documentElement.scrollWidth <= window.innerWidth;
document.title = JSON.stringify(said);
"""


def in_chromium(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page in headless Chromium and return what it holds then, and what its console said."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += [f"--user-data-dir={profile}", "--enable-logging=stderr", "--v=0", "--dump-dom", *options]
        return subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(not INSTALLED, reason=NEEDED)
def test_the_report_runs_in_a_browser_without_errors(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    write_report([logs], out)
    done = in_chromium(out)
    assert "CONSOLE" not in done.stderr, done.stderr
    assert re.search(r'class="browser live"', done.stdout), "the script did not run"
    assert "48 of 48 shown" in done.stdout


@pytest.mark.skipif(not INSTALLED, reason=NEEDED)
def test_tables_sort_and_transcripts_go_by_keyboard_on_a_narrow_screen(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    write_report([logs], out)
    # The page's own policy forbids further scripts; a copy without it is pressed.
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", out.read_text())
    out.write_text(page.replace("</body>", f"<script>{PRESS}</script></body>"))
    done = in_chromium(out, "--window-size=500,900")
    assert "CONSOLE" not in done.stderr, done.stderr
    title = re.search(r"<title>([^<]*)</title>", done.stdout)
    assert title is not None
    said = json.loads(html.unescape(title[1]))
    harmful = out.read_text().count('data-outcome="harmful"')
    assert said == {
        "sorted": True,
        "moved": True,
        "shown": 1,
        "filtered": f"{harmful} of 48 shown",
        "mails": True,
        "overflow": True,
    }
