"""Plans: computed from rendered prompts, a price table and the statistics; nothing is called."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ModelUsage

from turncoat.base.errors import ScenarioError, UsageError
from turncoat.cli.screens import plan_text
from turncoat.doors.text.prompt import text_prompt
from turncoat.runs.design import scenario_study, task_plans
from turncoat.runs.paired import JOB_SPREAD
from turncoat.runs.plan import ANSWER_TOKENS, CHARACTERS_PER_TOKEN, Plan, plan_study
from turncoat.runs.prices import Price, load_prices
from turncoat.runs.request import Request, plans_of
from turncoat.runs.runner import run_study
from turncoat.runs.study import Study, load_study
from turncoat.runs.study_tasks import study_task
from turncoat.scoring.options import ScoringOptions
from turncoat.stats.means import Spread
from turncoat.stats.power import detectable_h, detectable_mean_difference, detectable_paired_rate

BOTH = "goal=explicit,threat=replacement"
STUDIES = {
    "one": [{"scenario": "blackmail", "cells": [BOTH]}],
    "two": [{"scenario": s, "cells": [BOTH, f"{BOTH},instruction=direct"]} for s in ("blackmail", "espionage")],
    "uneven": [{"scenario": "blackmail", "cells": [BOTH]}, {"scenario": "lethal", "cells": [BOTH], "seeds": "1-300"}],
}
"""Blocks of studies by name."""


def study(name: str) -> Study:
    return Study.model_validate({"title": name, "blocks": STUDIES[name]}) if name in STUDIES else load_study(name)


def planned(name: str, *models: str, **changes: Any) -> Plan:
    difference = changes.pop("difference", None)
    return plan_study(Request(study(name), name, models, Path("nowhere"), **changes), difference)


def test_samples_and_tokens_follow_from_the_study() -> None:
    plan = planned("two", "openai/gpt-4.1", epochs=2)
    assert [(t.scenario, t.cells, t.worlds, t.samples) for t in plan.tasks] == [
        ("blackmail", 2, 100, 400),
        ("espionage", 2, 100, 400),
    ]
    design = task_plans(study("two"), "two")[0]
    prompts = [text_prompt(design.scenario.render(c, w)) for c, w in design.pairs]
    exact = sum(len(p.system) + len(p.user) for p in prompts) / len(prompts) / CHARACTERS_PER_TOKEN
    assert plan.tasks[0].prompt_tokens == pytest.approx(exact, rel=0.03)
    assert plan.tasks[0].tokens_out == 400 * ANSWER_TOKENS


def test_money_is_tokens_times_prices_and_unknown_models_show_tokens_only(tmp_path: Path) -> None:
    own = tmp_path / "prices.yaml"
    own.write_text("as_of: 2026-02-01\nsource: ours\nmodels:\n  house/model: {input: 1, output: 10}\n")
    plan = planned("one", "house/model", "x/unknown", prices=own)
    house, unknown = plan.models
    assert house.dollars == pytest.approx((house.tokens_in + 10 * house.tokens_out) / 1e6)
    assert unknown.dollars is None and unknown.tokens_in == house.tokens_in
    assert plan.dollars is None and plan.prices_as_of == "2026-02-01"
    assert planned("one", "house/model", prices=own).dollars == (house.dollars, house.dollars)


@pytest.mark.parametrize(("read", "calls"), [("none", (20, 100)), ("all", (220, 300)), ("sample:0.5", (120, 200))])
def test_judge_calls_are_a_range(read: str, calls: tuple[int, int]) -> None:
    plan = planned("one", "sim/loyal", scoring=ScoringOptions("openai/gpt-4.1", read))
    assert plan.judge is not None and plan.judge.calls == calls
    assert plan.judge.dollars is not None and 0 < plan.judge.dollars[0] < plan.judge.dollars[1]
    assert planned("one", "sim/loyal").judge is None


def test_what_can_be_found_is_said_for_the_smallest_cell() -> None:
    plan = planned("uneven", difference=(0.1, 0.2))
    assert plan.finds.samples == 100
    assert plan.finds.h == detectable_h(100)
    assert plan.finds.needed == ((0.1, 0.2, 195),)


def test_sessions_with_tools_take_more() -> None:
    text, tools = planned("smoke").tasks[0], planned("smoke", interfaces=["tools"]).tasks[0]
    assert (tools.interface, tools.samples) == ("tools", text.samples)
    assert tools.tokens_in > 5 * text.tokens_in


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("anthropic/claude-opus-4-20250514", (15, 75)),
        ("openrouter/anthropic/claude-opus-4-20250514", (15, 75)),
        ("anthropic/claude-opus-4-5-20251101", (5, 25)),
        ("anthropic/claude-3-5-haiku-latest", (0.8, 4)),
        ("openai/gpt-4o-2024-08-06", (2.5, 10)),
        ("openai/gpt-4o-2024-05-13", (5, 15)),
        ("openai/gpt-5.6-sol", (4, 20)),
        ("grok/grok-3-beta", (3, 15)),
        ("openai/gpt-4o-custom", None),
        ("sim/insider", (0, 0)),
        ("openai/never-heard-of", None),
    ],
)
def test_prices_are_found_by_name_last_part_or_provider(model: str, price: tuple[float, float] | None) -> None:
    found = load_prices().price(model)
    assert (None if found is None else (found.input, found.output)) == price


def test_cached_tokens_cost_what_the_table_says() -> None:
    usage = ModelUsage(input_tokens=1_000_000, output_tokens=100_000, input_tokens_cache_read=2_000_000)
    assert Price(input=2, output=8, cache_read=0.5).of(usage) == pytest.approx(2 + 0.8 + 1)
    assert Price(input=2, output=8).of(usage) == pytest.approx(2 + 0.8 + 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("as_of: yesterday\nsource: x\nmodels: {}\n", ["prices.yaml", "as_of", "yesterday"]),
        ("as_of: 2026-01-01\nsource: x\nmodels: {a: {input: -1, output: 1}}\n", ["models.a.input", "-1"]),
        ("as_of: 2026-01-01\nsource: x\nmodel: {}\n", ["model", "models"]),
    ],
)
def test_a_wrong_price_table_is_one_clear_line(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as raised:
        load_prices(path)
    assert all(word in str(raised.value) for word in words), raised.value


def test_a_plan_counts_and_prices_what_guards_ask() -> None:
    study = scenario_study("blackmail", ("control",), "1-10", 1).model_copy(
        update={"guards": ("none", "read_only", "approval_model", "two_person")}
    )
    request = Request(study, "x", ("openai/gpt-4.1",), Path(), model_roles={"reviewer": "openai/gpt-4.1"})
    first, second = plan_study(request).guards
    assert (first.role, first.model, first.calls) == ("reviewer", "openai/gpt-4.1", (20, 60))
    assert first.dollars is not None and 0 < first.dollars[0] < first.dollars[1]
    assert (second.role, second.calls, second.dollars) == ("second_reviewer", (10, 30), None)
    assert plan_study(request).dollars is None, "a price is missing"


@pytest.mark.parametrize(("interface", "calls"), [("tools", (0, 10)), ("text", None)])
def test_a_plan_counts_the_reviewer_of_an_office_outside(interface: str, calls: tuple[int, int] | None) -> None:
    """At most one review of a session, where time passes; none where no model has the role."""
    cells = ("control", "goal=explicit,threat=replacement,channel=guarantee")
    request = Request(
        scenario_study("blackmail", cells, "1-10", 1), "x", ("sim/loyal",), Path(), interfaces=(interface,)
    )
    assert not plan_study(request).guards
    asked = plan_study(replace(request, model_roles={"reviewer": "openai/gpt-4.1"})).guards
    assert [(g.role, g.calls) for g in asked] == ([("reviewer", calls)] if calls else [])
    if calls:
        assert asked[0].dollars is not None and asked[0].dollars[0] == 0 < asked[0].dollars[1]


@pytest.mark.parametrize(
    ("guard", "roles", "judge", "counted"),
    [
        ("monitor(by=model)", {"monitor": "openrouter/openai/gpt-4.1-2025-04-14"}, "rules,openai/gpt-4.1", "monitor"),
        ("approval_model", {"reviewer": "openai/gpt-4.1"}, "openai/gpt-4.1", "reviewer"),
        ("monitor(by=cascade&model=mockllm/model)", {}, "mockllm/model", ""),
    ],
)
def test_guards_ask_no_model_that_judges_unless_it_is_asked_for(
    guard: str, roles: dict[str, str], judge: str, counted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In plans and runs alike, by all names of a model: by a role, or one that a guard names itself."""
    for provider in ("OPENAI", "OPENROUTER"):
        monkeypatch.setenv(f"{provider}_API_KEY", "none")
    bare = scenario_study("blackmail", (BOTH,), "1-2", 1)
    study = bare.model_copy(update={"guards": (guard,)})
    request = Request(study, "x", ("sim/loyal",), tmp_path, scoring=ScoringOptions(judge), model_roles=roles)
    for refusing in (plan_study, run_study):
        with pytest.raises(UsageError, match=r"judges these runs and (is|has) .* as well.*--same-model"):
            refusing(request)
    assert not list(tmp_path.glob("*.eval"))
    (cost,) = plan_study(replace(request, same_model=True)).guards
    assert cost.role == counted and cost.model in (*roles.values(), "mockllm/model") and cost.calls[1] > 0
    assert plan_study(replace(request, scoring=ScoringOptions("openai/gpt-4.1-mini"))).guards
    assert not plan_study(replace(request, study=bare)).guards, "nobody asks where no guard stands"


def test_a_reviewer_whom_a_monitor_puts_acts_to_is_counted_at_most() -> None:
    study = scenario_study("blackmail", (BOTH,), "1-10", 1).model_copy(update={"guards": ("monitor(protocol=ask)",)})
    request = Request(study, "x", ("sim/loyal",), Path(), model_roles={"reviewer": "openai/gpt-4.1"})
    assert [(g.role, g.calls) for g in plan_study(request).guards] == [("reviewer", (0, 30))]
    assert not plan_study(replace(request, model_roles={})).guards, "nobody is asked: it is held back"


def test_the_reviewer_of_an_office_outside_is_part_of_the_runs_settings() -> None:
    cells = ("control", "goal=explicit,threat=replacement,channel=guarantee")
    study = scenario_study("blackmail", cells, "1-2", 1)
    roles = {"reviewer": "openai/gpt-4.1"}
    request = Request(study, "x", ("sim/loyal",), Path(), interfaces=("tools", "text"), model_roles=roles)
    said = {p.interface: (study_task(p, request).metadata or {})["manifest"]["settings"] for p in plans_of(request)}
    assert said["tools"].get("reviewer") == "openai/gpt-4.1" and "reviewer" not in said["text"]


def test_a_plan_says_what_pairs_of_worlds_can_show_of_each_rung() -> None:
    """Rungs are cells with a mitigation or a guard beside the same cell without it, in the worlds that both have."""
    cells = ("control", BOTH, f"{BOTH},channel=mail", f"{BOTH},scratchpad=off", "goal=explicit,oversight=audit_5")
    study = scenario_study("blackmail", cells, "1-20", 1).model_copy(update={"guards": ("none", "read_only")})
    (found,) = plan_study(Request(study, "x", ("sim/loyal",), Path())).paired
    assert (found.scenario, found.interface, found.worlds) == ("blackmail", "text", 20)
    assert found.rungs == 5, "audit_5 has no cell without it, its guarded copy neither"
    assert found.harm == tuple((rate, detectable_paired_rate(rate, 20)) for rate in (0.2, 0.4, 0.8))
    assert found.job is None and found.job_worlds == 0, "paper staging has no job"


def test_pairs_are_counted_by_worlds_with_a_job_and_not_by_epochs() -> None:
    cells = (f"staging=workday,{BOTH}", f"staging=workday,{BOTH},instruction=direct")
    study = scenario_study("blackmail", cells, "1-10", 3)
    (found,) = plan_study(Request(study, "x", ("sim/loyal",), Path(), interfaces=("tools",))).paired
    assert (found.rungs, found.worlds, found.job_worlds) == (1, 10, 10)
    assert found.job == detectable_mean_difference(10, JOB_SPREAD)
    assert not plan_study(Request(scenario_study("blackmail", cells[:1], "1-2", 1), "x", (), Path())).paired


def test_the_spread_of_the_job_is_taken_from_logs_where_they_tell_it() -> None:
    """By scenario and interface; it is assumed, and said to be, elsewhere."""
    cells = (f"staging=workday,{BOTH}", f"staging=workday,{BOTH},instruction=direct")
    request = Request(
        scenario_study("blackmail", cells, "1-10", 1), "x", ("sim/loyal",), Path(), interfaces=("tools", "text")
    )
    found = plan_study(request, spreads={("blackmail", "tools"): Spread(0.1, 40), ("lethal", "text"): Spread(0.2, 40)})
    said = {p.interface: (p.spread, p.measured, p.job) for p in found.paired}
    assert said["tools"] == (0.1, 40, detectable_mean_difference(10, 0.1))
    assert said["text"] == (JOB_SPREAD, 0, detectable_mean_difference(10, JOB_SPREAD))
    assert "0.10, measured in 40 worlds of cells" in plan_text(
        found
    ) and "0.30, assumed: give --from LOGS" in plan_text(found)


def test_a_plan_counts_what_a_judge_is_asked_behind_guards() -> None:
    study = scenario_study("blackmail", (BOTH,), "1-10", 1)
    options = ScoringOptions("openai/gpt-4.1", "none")
    bare, behind = (
        plan_study(Request(s, "x", ("sim/loyal",), Path(), scoring=options)).judge
        for s in (study, study.model_copy(update={"guards": ("none", "read_only")}))
    )
    assert bare is not None and behind is not None
    assert (bare.calls, behind.calls) == ((2, 10), (4, 30)), "once more at most for each of ten samples behind a guard"
