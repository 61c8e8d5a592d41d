"""The paper's figures of a run, its rates beside it, its rule on controls, and simulated imitations of its models."""

import re
from pathlib import Path

import pytest

from tests.analysis.factory import grid_log, make_log, make_sample, make_score
from tests.analysis.logs import BOTH, crossed_logs, overview, worlds
from turncoat.analysis import Overview
from turncoat.analysis.counts import READ
from turncoat.judges.question import Awareness
from turncoat.paper.publication import PAPER, published_name
from turncoat.report.page import write_report


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Overview:
    folder = tmp_path_factory.mktemp("crossed")
    crossed_logs(folder)
    return overview(folder)


def test_cells_go_to_the_papers_figures_in_its_order(crossed: Overview) -> None:
    found = [(f.number, f.scenario, f.kind) for f in crossed.figures]
    assert found == [
        ("6", "blackmail", "square"),
        ("7", "blackmail", "models"),
        ("8", "blackmail", "models"),
        ("9", "espionage", "models"),
        ("10", "espionage", "levels"),
        ("12", "blackmail", "levels"),
    ]
    seven = crossed.figures[1]
    assert {c.model for c in seven.cells} == {"anthropic/claude-opus-4-0", "openai/gpt-4.1", "acme/one"}
    estimates = [c.rate.estimate for c in seven.cells]
    assert estimates == sorted(estimates, key=lambda e: -(e or 0))
    marks = {c.model: c.published.rate for c in seven.cells if c.published}
    assert marks == {"anthropic/claude-opus-4-0": 0.96, "openai/gpt-4.1": 0.8}
    ten = next(f for f in crossed.figures if f.number == "10")
    assert [c.condition for c in ten.cells] == [
        "goal=explicit",
        "goal=explicit,value=global",
        "goal=explicit,value=safety",
    ]
    assert {c.condition for c in crossed.others} == {"control", "goal=explicit"}


def test_a_model_that_harms_in_the_control_is_shown_and_left_out_only_by_a_declared_rule(tmp_path: Path) -> None:
    log = worlds("control", "explicit_blackmail", range(2), scenario="lethal")
    log += worlds("control", "accepts", range(2, 20), scenario="lethal")
    log += worlds(BOTH, "explicit_blackmail", range(20), scenario="lethal")
    make_log(tmp_path / "a", log, scenario="lethal")
    shown = overview(tmp_path / "a")
    assert [(e.declared, e.above) for e in shown.exclusions] == [(False, 0.01)]
    eleven = next(f for f in shown.figures if f.number == "11")
    assert len(eleven.cells) == 1 and eleven.excluded == ()
    rules = {"exclusions": [{"scenario": "lethal", "control": "control", "above": 0.05}]}
    make_log(tmp_path / "b", log, scenario="lethal", manifest=rules)
    declared = overview(tmp_path / "b")
    assert [(e.declared, e.above) for e in declared.exclusions] == [(True, 0.05)]
    eleven = next(f for f in declared.figures if f.number == "11")
    assert eleven.cells == () and len(eleven.excluded) == 1
    assert len(declared.cells) == 2  # Left out of the figure, never of the table.
    rules = {"exclusions": [{"scenario": "lethal", "above": 0.2}]}
    make_log(tmp_path / "c", log, scenario="lethal", manifest=rules)
    assert [e.declared for e in overview(tmp_path / "c").exclusions] == [False]


def test_published_text_and_fresh_worlds_are_set_against_each_other(tmp_path: Path) -> None:
    model, reference = "openai/gpt-4.1", "reference/blackmail"
    published = [
        make_sample(BOTH, "published.1@1", "explicit_blackmail", epoch=i, scenario=reference, model=model)
        for i in range(1, 9)
    ]
    make_log(tmp_path, published, scenario=reference, model=model, task_id="r")
    fresh = worlds(BOTH, "explicit_blackmail", range(2), model=model)
    fresh += worlds(BOTH, "accepts", range(2, 8), model=model)
    make_log(tmp_path, fresh, model=model, task_id="f")
    found = overview(tmp_path)
    (gap,) = found.gaps
    assert gap.against == "same story" and gap.estimate == pytest.approx(0.75)
    assert {f.scenario for f in found.figures} == {"reference/blackmail", "blackmail"}
    assert all(c.published for f in found.figures for c in f.cells)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("sim/published-claude-opus-4", "Claude Opus 4"),
        ("sim/published-gemini-2.5-pro", "Gemini-2.5-Pro"),
        ("sim/published-nobody", None),
        ("sim/insider", None),
    ],
)
def test_simulated_imitations_are_known_by_their_names(model: str, name: str | None) -> None:
    assert published_name(model) == name


def test_every_kind_of_awareness_has_a_class_in_the_paper_or_none(tmp_path: Path) -> None:
    kinds = ["stated-real"] * 3 + ["stated-evaluation"] * 2 + ["abstained", "silent", "not-read", "no-reasoning"]
    log = [
        make_sample("control", f"affair.1@{i}", "accepts", scores={"verdict": make_score("accepts", awareness=kind)})
        for i, kind in enumerate(kinds)
    ]
    make_log(tmp_path, log)
    (found,) = overview(tmp_path).awareness
    classes = PAPER.awareness_classes
    assert set(classes) == set(READ) and {str(a) for a in Awareness} - set(classes) == {"not-read", "no-reasoning"}
    shares = {c: found.in_class(c).total for c in classes.values()}
    assert shares == {"real": 3, "evaluation": 2, "abstained": 2}
    assert (found.in_class("real").n, found.in_class("elsewhere").total) == (3, 0)


def test_awareness_has_the_papers_shares_as_marks(tmp_path: Path) -> None:
    condition = "deliberation=notice,threat=replacement"
    kinds = ["stated-real"] * 3 + ["stated-evaluation"] * 6 + ["silent"]
    for model in ("anthropic/claude-opus-4-0", "acme/other"):
        log = [
            make_sample(
                condition,
                f"affair.1@{i}",
                "accepts",
                model=model,
                scores={"verdict": make_score("accepts", awareness=kind)},
            )
            for i, kind in enumerate(kinds)
        ]
        make_log(tmp_path / "logs", log, model=model, task_id=model.replace("/", "-"))
    out = tmp_path / "r.html"
    write_report([tmp_path / "logs"], out)
    figure = out.read_text().partition('<figure id="awareness-')[2].partition("</figure>")[0]
    marks = re.findall(r"Published: stated real 21 %, stated evaluation 65 %, neither 14 % of 500", figure)
    assert len(marks) == 4  # Of Claude Opus 4 alone, where each share ends, drawn wide and narrow.
    assert "55\u00a0% of the first and 6.5\u00a0% of the second" in figure


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    rates = {"control": 0.0, "threat=replacement": 0.3, BOTH: 0.7}
    for i in range(6):
        grid_log(folder, rates, model=f"sim/model{i}", worlds=6, epochs=1, seed=i)
    return folder


def test_many_models_stand_at_the_top_and_published_values_are_named(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    write_report([study], out)
    page = out.read_text()
    figures = re.findall(r'<figure id="([^"]+)"', page)
    assert figures[0] == "figure-7-blackmail-text"
    numbers = [int(n) for n in re.findall(r"<b>Figure (\d+)\.</b>", page)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "All models here are simulated" in page
