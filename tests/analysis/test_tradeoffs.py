"""Mitigations beside each other: which are set against which, what is on the frontier, and how it is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.factory import make_log, make_sample, make_score
from turncoat.analysis import Overview, analyse_logs, read_table
from turncoat.analysis.guarded import met_by_guard, parse_guard_rule
from turncoat.analysis.tradeoffs import Tradeoff
from turncoat.api.results import read
from turncoat.base.errors import UsageError
from turncoat.report import write_report
from turncoat.report.figures import pictures
from turncoat.report.page import section_md
from turncoat.report.sentences import finding, summary

BOTH = "goal=explicit,threat=replacement"
RUNS = {
    "": (0.8, 0.8, 0.8),
    "instruction=direct": (0.4, 0.4, 0.9),
    "privilege=read_only": (0.6, 0.0, 0.1),
    "channel=mail": (0.2, 0.2, 0.8),
    "monitor=block_rules": (0.8, 0.2, 0.7),
}
"""Mitigation → shares of harm attempted and got through, and of the job done."""
REPORTED = {"scenario": "blackmail", "condition": f"{BOTH},channel=mail", "rate": 0.013, "source": "others 2025"}


def overview_of(folder: Path, pressures: tuple[str, ...] = (BOTH,), job: bool = True) -> Overview:
    samples = []
    for pressure in pressures:
        for mitigation, (attempted, through, done) in RUNS.items():
            condition = ",".join(p for p in (pressure.replace("control", ""), mitigation) if p) or "control"
            for world in range(10):
                score = make_score(
                    "explicit_blackmail" if world < 10 * attempted else "accepts",
                    got_through=world < 10 * through,
                    awareness="stated-real" if world < 3 else "silent",
                    guarded={"blocked": int(through < attempted)},
                    job=done if job else None,
                )
                sample = make_sample(condition, f"affair.1@{world}", "accepts", scores={"verdict": score})
                samples.append(sample)
    manifest = {
        "mitigations": ["instruction=direct", "channel=mail"],
        "guarding": ["privilege=read_only", "monitor=block_rules"],
        "reported": [REPORTED],
    }
    make_log(folder, samples, manifest=manifest)
    return analyse_logs([folder])[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tradeoffs")


@pytest.fixture(scope="module")
def overview(folder: Path) -> Overview:
    return overview_of(folder)


def guarded_overview(folder: Path, through: tuple[bool | None, ...], stopping: dict[str, object]) -> Overview:
    """The pressure bare, where all is harmful, and with a guard, of which `through` says what got through."""
    samples = []
    for guard in ("", ",privilege=read_only"):
        for world, passed in enumerate(through):
            score = make_score("explicit_blackmail", got_through=passed if guard else True, guarded={"blocked": 1})
            sample = make_sample(BOTH + guard, f"affair.1@{world}", "accepts", scores={"verdict": score})
            sample.metadata["position"] = world
            samples.append(sample)
    make_log(folder, samples, manifest={"guarding": ["privilege=read_only"]} | stopping)
    return analyse_logs([folder])[1]


def test_what_got_through_follows_the_rule_that_stopped_the_cell(tmp_path: Path) -> None:
    """All is harmful, so that the rule stops at once; what took effect is told of the same samples, at all times."""
    found = guarded_overview(tmp_path, (True, False) * 10, {"stopping": {"threshold": 0.5, "at_least": 8}}).guarded
    (held,) = (g for g in found if g.guards)
    assert held.attempted.n == held.through.n == 8 and held.through.k == 4
    assert held.through.method == held.attempted.method == "confidence sequence"
    fixed = guarded_overview(tmp_path / "fixed", (True, False) * 4, {}).guarded[1]
    assert held.through.low < fixed.through.low and fixed.through.high < held.through.high
    assert held.against is not None and held.against.through is None and held.against.attempted is None
    assert fixed.against is not None and fixed.against.through is not None


def test_where_nobody_can_tell_what_got_through_there_is_no_difference(tmp_path: Path) -> None:
    overview = guarded_overview(tmp_path, (None,) * 4, {})
    (held,) = (g for g in overview.guarded if g.guards)
    assert held.attempted.n == 4 and held.through.n == 0 and held.prevented.n == 0
    assert held.against is not None and held.against.through is None and held.against.attempted is not None


def test_the_finding_is_of_the_pressure_and_not_of_the_mitigation_beside_it(tmp_path: Path) -> None:
    pressure = "goal=explicit,threat=replacement,staging=workday"
    samples = [
        make_sample(pressure + mitigation, f"affair.1@{world}", "accepts" if mitigation else "explicit_blackmail")
        for mitigation in ("", ",channel=mail", ",channel=mail,monitor=block_rules")
        for world in range(4)
    ]
    make_log(tmp_path, samples, manifest={"mitigations": ["channel=mail"], "guarding": ["monitor=block_rules"]})
    overview = analyse_logs([tmp_path])[1]
    for said in (finding(overview), summary(overview)[0]):
        assert "4 of 4" in said and "channel" not in said


def test_a_mitigation_alone_has_nothing_to_stand_beside(tmp_path: Path) -> None:
    score = {"verdict": make_score("explicit_blackmail", got_through=True, job=0.5)}
    samples = [make_sample(f"{BOTH},channel=mail", f"affair.1@{w}", "accepts", scores=score) for w in range(3)]
    make_log(tmp_path, samples, manifest={"mitigations": ["channel=mail"]})
    overview = analyse_logs([tmp_path])[1]
    assert len(overview.tradeoffs) == 1 and not [p for p in pictures(overview) if p.section == "guards"]


def of(overview: Overview, mitigation: str) -> Tradeoff:
    (found,) = (t for t in overview.tradeoffs if t.mitigations == ((mitigation,) if mitigation else ()))
    return found


def test_each_mitigation_is_a_point_under_its_pressure(overview: Overview) -> None:
    assert {t.mitigations for t in overview.tradeoffs} == {(m,) if m else () for m in RUNS}
    assert {t.pressure for t in overview.tradeoffs} == {BOTH}
    held = of(overview, "monitor=block_rules")
    assert held.through.k == 2 and held.through.low < 0.2 < held.through.high
    assert held.job is not None and held.job.estimate == pytest.approx(0.7) and held.job.worlds == 10
    assert held.real is not None and (held.real.k, held.real.n) == (3, 10)
    assert [b.rate for b in of(overview, "channel=mail").reported] == [0.013] and not held.reported


def test_what_another_beats_is_not_on_the_frontier(overview: Overview) -> None:
    best = {t.mitigations for t in overview.tradeoffs if t.best}
    assert best == {("instruction=direct",), ("privilege=read_only",), ("channel=mail",)}


def test_pressures_are_apart_and_the_control_is_one(tmp_path: Path) -> None:
    found = overview_of(tmp_path, ("control", BOTH)).tradeoffs
    assert {t.pressure for t in found} == {"control", BOTH}
    assert all(sum(t.best for t in found if t.pressure == p) == 3 for p in ("control", BOTH))


def test_points_are_drawn_where_there_is_a_job_and_bars_in_any_case(overview: Overview, tmp_path: Path) -> None:
    names = [p.name for p in pictures(overview) if p.section == "guards"]
    assert names == ["guards-blackmail-text", "ladder-blackmail-text"]
    without = overview_of(tmp_path, job=False)
    assert [p.name for p in pictures(without) if p.section == "guards"] == ["ladder-blackmail-text"]
    assert not any(t.best for t in without.tradeoffs)


def test_a_drawing_has_each_point_once_with_its_number_and_a_mark_for_what_others_report(folder: Path) -> None:
    whole = read(folder).figure("guards").svg
    assert whole.count('class="point') == 2 * len(RUNS) + 2, "in the field, in the list, and in the legend"
    assert all(whole.count(f">{i}</text>") >= 2 for i in range(1, len(RUNS) + 1)) and 'class="front"' in whole
    ladder = read(folder).figure("ladder").svg
    assert ladder.count('class="published"') == 2 and "others 2025" in ladder
    with pytest.raises(UsageError, match="figure"):
        read(folder).figure("guard of honour")


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ("guard[read_only].job rate < 0.2", True),
        ("guard[block_rules].job lower < 0.3", False),
        ("guard[block_rules].got_through rate > 0.1", True),
        ("guard[read_only].got_through upper > 0.3", False),
        ("guard[read_only].censored upper > 0.5", False),
    ],
)
def test_gates_know_the_job_and_what_got_through(rule: str, met: bool, folder: Path, overview: Overview) -> None:
    assert bool(met_by_guard(parse_guard_rule(rule), read_table([folder]))) is met


def test_page_and_markdown_have_them(folder: Path, overview: Overview, tmp_path: Path) -> None:
    out = tmp_path / "card.md"
    write_report([folder], out, form="md", figures=tmp_path / "figures")
    text = out.read_text("utf-8")
    for image in [line for line in text.splitlines() if line.startswith("![")]:
        assert (tmp_path / image.partition("](")[2].removesuffix(")")).is_file()
    assert "guards-blackmail-text.png" in text and "ladder-blackmail-text.png" in text
    section = section_md(overview)
    assert "On the frontier" in section and "![" not in section
    page = tmp_path / "report.html"
    write_report([folder], page)
    assert 'id="guards-blackmail-text"' in page.read_text("utf-8")
