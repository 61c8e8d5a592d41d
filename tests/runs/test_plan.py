"""Plans: computed from rendered prompts, a price table and the statistics; nothing is called."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ModelUsage

from turncoat.base.errors import ScenarioError, UsageError
from turncoat.doors.text.prompt import text_prompt
from turncoat.runs.design import on_pack, task_plans
from turncoat.runs.loader import load_study
from turncoat.runs.plan import ANSWER_TOKENS, CHARACTERS_PER_TOKEN, Plan, plan_study
from turncoat.runs.prices import Price, load_prices
from turncoat.runs.request import Request
from turncoat.scoring.options import ScoringOptions
from turncoat.stats.power import detectable_h


def planned(name: str, *models: str, **changes: Any) -> Plan:
    difference = changes.pop("difference", None)
    return plan_study(Request(load_study(name), name, models, Path("nowhere"), **changes), difference)


def test_samples_and_tokens_follow_from_the_study() -> None:
    plan = planned("paper/fig12", "openai/gpt-4.1", epochs=2)
    assert [(t.scenario, t.cells, t.worlds, t.samples) for t in plan.tasks] == [
        ("blackmail", 2, 100, 400),
        ("espionage", 2, 100, 400),
    ]
    design = task_plans(load_study("paper/fig12"), "paper/fig12")[0]
    prompts = [text_prompt(design.scenario.render(c, w)) for c, w in design.pairs]
    exact = sum(len(p.system) + len(p.user) for p in prompts) / len(prompts) / CHARACTERS_PER_TOKEN
    assert plan.tasks[0].prompt_tokens == pytest.approx(exact, rel=0.03)
    assert plan.tasks[0].tokens_out == 400 * ANSWER_TOKENS


def test_money_is_tokens_times_prices_and_unknown_models_show_tokens_only(tmp_path: Path) -> None:
    own = tmp_path / "prices.yaml"
    own.write_text("as_of: 2026-02-01\nsource: ours\nmodels:\n  house/model: {input: 1, output: 10}\n")
    plan = planned("paper/fig7", "house/model", "x/unknown", prices=own)
    house, unknown = plan.models
    assert house.dollars == pytest.approx((house.tokens_in + 10 * house.tokens_out) / 1e6)
    assert unknown.dollars is None and unknown.tokens_in == house.tokens_in
    assert plan.dollars is None and plan.prices_as_of == "2026-02-01"
    assert planned("paper/fig7", "house/model", prices=own).dollars == (house.dollars, house.dollars)


@pytest.mark.parametrize(("read", "calls"), [("none", (20, 100)), ("all", (220, 300)), ("sample:0.5", (120, 200))])
def test_judge_calls_are_a_range(read: str, calls: tuple[int, int]) -> None:
    plan = planned("paper/fig7", "sim/loyal", scoring=ScoringOptions("openai/gpt-4.1", read))
    assert plan.judge is not None and plan.judge.calls == calls
    assert plan.judge.dollars is not None and 0 < plan.judge.dollars[0] < plan.judge.dollars[1]
    assert planned("paper/fig7", "sim/loyal").judge is None


def test_the_published_question_is_counted_as_it_is_asked() -> None:
    pytest.importorskip("inspect_evals.agentic_misalignment", reason="turncoat[reference] is not installed")
    study = on_pack(load_study("paper/fig12"), "reference", "paper/fig12")
    scoring = ScoringOptions("openai/gpt-4.1", read="none")
    asked = Request(study, "paper/fig12", ("a/b", "c/d"), Path("nowhere"), scoring)
    both = replace(asked, scoring=replace(scoring, legacy=True))
    without, legacy = plan_study(asked).judge, plan_study(both).judge
    assert without is not None and legacy is not None
    samples = plan_study(asked).samples * 2
    assert [b - a for a, b in zip(without.calls, legacy.calls, strict=True)] == [samples, samples]
    assert without.tokens_in[1] + without.tokens_in[1] == pytest.approx(legacy.tokens_in[1], rel=0.01)
    for judge in ("rules", "openai/gpt-4.1,openai/gpt-4o"):
        with pytest.raises(UsageError, match="one grader model"):
            plan_study(replace(asked, scoring=ScoringOptions(judge, legacy=True)))
    with pytest.raises(UsageError, match="has no published prompts"):
        planned("paper/fig12", "a/b", scoring=ScoringOptions("openai/gpt-4.1", legacy=True))


def test_what_can_be_found_is_said_for_the_smallest_cell() -> None:
    plan = planned("paper/all", difference=(0.1, 0.2))
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
        ("sim/published-gpt-4.1", (0, 0)),
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
