"""Guards by name: their form, what is wrong with one, and what of them a sample keeps."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio
import pytest

from tests.guards.own import Odd
from tests.guards.test_session import CLEAN, SETTING
from turncoat.base.errors import TurncoatError, UsageError
from turncoat.doors.door import door
from turncoat.guards.bounded import Bounded
from turncoat.guards.guard import Session
from turncoat.guards.named import (
    deciding_by_rules,
    guard_names,
    guards_of_levels,
    make_guard,
    parse_guards,
    unknown_guards,
    with_guards,
)
from turncoat.scenarios.factors import Factor, FactorSpace, Level
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scoring.options import ScoringOptions
from turncoat.tasks import cells_task, scenario_task, see_guards
from turncoat.world import Company

OWN = "tests.guards.own:odd"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("", ()),
        ("none", ()),
        ("none+read_only", ("read_only",)),
        ("read_only+no_forwarding", ("read_only", "no_forwarding")),
        ("own:make(b=2&a=x)", ("own:make(a=x&b=2)",)),
        ("g(text=a%2Cb%2Bc%20d)", ("g(text=a%2Cb%2Bc%20d)",)),
        ("g(a=true&b=0.5&c=file/x.yaml)", ("g(a=true&b=0.5&c=file/x.yaml)",)),
    ],
)
def test_a_text_names_guards_and_is_written_alike_again(text: str, same: tuple[str, ...]) -> None:
    assert tuple(map(str, parse_guards(text))) == same
    assert tuple(map(str, parse_guards("+".join(same)))) == same


def test_options_come_back_as_they_were() -> None:
    options = {"a": "10", "b": 10, "c": "x, y; z+(=&)", "d": False, "e": 0.25, "f": "true"}
    (text,) = guards_of_levels([Level(guard="own", options=options)])
    assert not set(text) & set(", ;+") and parse_guards(text)[0].options == options


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("read_only+read_only", "names one guard twice"),
        ("hold(10)", "is not of the form name, or name(option=value"),
        ("hold(a=1&a=2)", "is not of the form"),
        ("read only", "is not of the form"),
        ("x" * 700, "the limit is 600"),
    ],
)
def test_what_names_no_guard_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match="guard") as caught:
        parse_guards(text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("read_onl", "unknown guard: 'read_onl' is not one of: no_outside_mail"),
        ("read_onl", "did you mean 'read_only'?"),
        ("read_only(level=2)", "'read_only': has no option 'level'; its options are: on_failure, timeout"),
        ("inspect", "'inspect': needs the option 'policy'; its options are: policy, on_failure, timeout"),
        ("read_only(on_failure=open)", "'open' is not one of: block, allow"),
        ("read_only(timeout=0)", "timeout: 0 is no number of seconds"),
        ("no.such.module:make", "module 'no.such.module' cannot be imported"),
        (f"{OWN}s", "has no function 'odds'"),
        ("tests.guards.own:none", "its function gave NoneType, which has no `review`"),
        (f"{OWN}(does=fly)", "odd: 'fly'"),
        ("tests.guards.own:broken", "guard 'tests.guards.own:broken': its function raised ValueError: no"),
        ("monitor(by=tests.guards.own:broken)", "monitor 'tests.guards.own:broken': its function raised ValueError"),
    ],
)
def test_what_cannot_be_made_is_one_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_guard(text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("does", "rule", "status", "failed"),
    [
        ("raise", "block", "blocked", "RuntimeError: odd"),
        ("raise", "allow", "done", "RuntimeError: odd"),
        ("sleep", "block", "blocked", "no answer within 0.01 seconds"),
        ("sleep", "allow", "done", "no answer within 0.01 seconds"),
        ("cancel", "block", "blocked", "it cancelled what it was waiting for"),
        ("cancel", "allow", "done", "it cancelled what it was waiting for"),
        ("exit", "block", "blocked", "SystemExit: 3"),
        ("late", "block", "blocked", "TimeoutError: their own"),
        ("nonsense", "block", "blocked", "review gave int, not a Decision"),
        ("sync", "block", "blocked", "review is not asynchronous"),
        ("nan", "allow", "done", "the score nan, which is no number"),
        ("pass", "block", "done", ""),
    ],
)
def test_a_guard_that_fails_is_decided_by_its_rule_and_says_so(does: str, rule: str, status: str, failed: str) -> None:
    at = Session(
        SETTING, Company(SETTING.seed), guards=[make_guard(f"{OWN}(does={does}&on_failure={rule}&timeout=0.01)")]
    )
    asyncio.run(at.act(CLEAN))
    (record,) = (r for r in at.company.log if r.attempt is not None)
    (decision,) = record.decisions
    assert (record.outcome.status, decision.guard) == (status, "odd")
    assert failed in decision.failed and bool(failed) == bool(decision.failed)
    assert "odd" not in record.outcome.text, "the agent is not told how a guard failed"


def test_who_is_cancelled_from_outside_ends_and_decides_nothing() -> None:
    """By asyncio and by anyio: it is no failure of the guard's, and no rule decides."""
    guard, case = make_guard(f"{OWN}(does=sleep&timeout=60)"), Session(SETTING, Company(SETTING.seed)).case

    async def by_task() -> None:
        task = asyncio.create_task(guard.review(case, CLEAN))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def by_scope() -> bool:
        with anyio.move_on_after(0.01) as scope:
            await guard.review(case, CLEAN)
        return scope.cancelled_caught

    asyncio.run(by_task())
    assert asyncio.run(by_scope())


def test_each_guard_is_within_bounds_of_its_own() -> None:
    assert isinstance(Odd.made(), Odd)
    first, second = make_guard(OWN), make_guard(OWN)
    assert isinstance(first, Bounded) and first.guard is not second.guard and first.on_failure == "block"


def test_every_shipped_guard_can_be_made_and_levels_name_guards_that_are_there() -> None:
    for name in set(guard_names()) - {"inspect"}:  # which needs a file
        assert make_guard(name).name
    for scenario in scenario_names():
        assert unknown_guards(load_scenario(scenario).space) == []
    factor = Factor(
        name="privilege", order=1, about="", default="none", levels={"none": Level(), "odd": Level(guard="od_only")}
    )
    (said,) = unknown_guards(FactorSpace([factor]))
    assert said.startswith("factors/privilege.yaml: levels.odd: unknown guard: 'od_only' is not one of:")


@pytest.mark.parametrize(
    ("condition", "names", "found"),
    [
        ("control", [], "control"),
        ("control", ["none"], "control"),
        ("control", ["a"], "guards=a"),
        ("goal=explicit,guards=a", ["b", "c+d"], "goal=explicit,guards=a+b+c+d"),
    ],
)
def test_guards_are_added_to_a_condition_after_its_own(condition: str, names: list[str], found: str) -> None:
    assert with_guards(condition, names) == found


def test_guards_are_of_a_samples_identity_and_show_the_model_nothing() -> None:
    cells = (
        "threat=replacement;threat=replacement+privilege=read_only;threat=replacement+guards=read_only+no_forwarding"
    )
    samples = {str(s.id): s.metadata or {} for s in scenario_task("blackmail", conditions=cells, worlds="1").dataset}
    assert [m.get("guards") for m in samples.values()] == [None, ["read_only"], ["read_only", "no_forwarding"]]
    assert len({m["stimulus"] for m in samples.values()}) == 1
    assert list(samples)[2] == "blackmail/threat=replacement,guards=read_only+no_forwarding/affair.1@1"


def test_one_guard_by_a_level_and_by_name_is_one_too_many() -> None:
    with pytest.raises(UsageError, match="names one guard twice"):
        scenario_task("blackmail", conditions="privilege=read_only", guard="read_only", worlds="1")
    scenario = load_scenario("blackmail")
    condition = scenario.space.parse("guards=no_such")
    with pytest.raises(UsageError, match="blackmail/guards=no_such: unknown guard: 'no_such'"):
        see_guards(scenario, condition, door("text"))
    with pytest.raises(UsageError, match="unknown guard"):
        cells_task(scenario, "blackmail", [(condition, scenario.world_id("1", "paper"))], ScoringOptions())


def test_a_level_is_left_out_where_the_agent_lacks_the_ability() -> None:
    assert load_scenario("lethal").space.parse("privilege=no_override").id == "privilege=no_override"
    with pytest.raises(TurncoatError, match="no_override is left out here: the agent is not able to cancel_alert"):
        load_scenario("blackmail").space.parse("privilege=no_override")


def test_a_session_by_hand_stands_before_the_guards_of_its_condition() -> None:
    import turncoat as tc

    session = tc.open("blackmail", condition="privilege=read_only", world=1)
    done = session.do(CLEAN)
    assert done.status == "blocked" and done.text == "You have access for reading only."


HUMAN = "approvers:\n  - {name: auto, tools: list_mail}\n  - {name: human, tools: '*'}\n"
AUTO = "approvers:\n  - {name: auto, tools: '*'}\n"


@pytest.mark.parametrize(
    ("guards", "asked"),
    [
        ("read_only+hold(minutes=20)", None),
        ("monitor", None),
        (OWN, None),
        ("inspect(policy={auto})", None),
        ("inspect(policy={human})", r"a person, by Inspect's approver 'human'"),
        ("approval_model", "the model role 'reviewer'"),
        ("read_only+two_person(first=person&second=model)", "the model role 'second_reviewer'"),
        ("approval_person", "the reviewer 'person'"),
        ("monitor(by=model)", "the model role 'monitor'"),
        ("monitor(protocol=rewrite)", "the model role 'trusted'"),
    ],
)
def test_where_nobody_is_asked_only_guards_by_rules_are_made(guards: str, asked: str | None, tmp_path: Path) -> None:
    (tmp_path / "human").write_text(HUMAN)
    (tmp_path / "auto").write_text(AUTO)
    space = load_scenario("blackmail").space
    named = guards.format(human=tmp_path / "human", auto=tmp_path / "auto")
    condition = space.parse(with_guards("control", [named]))
    if asked is None:
        assert len(deciding_by_rules(space, condition)) == guards.count("+") + 1
    else:
        with pytest.raises(UsageError, match=rf"asks {asked}, and where .*: no_outside_mail, .*monitor, hold, or mod"):
            deciding_by_rules(space, condition)
