"""The words: enough of them, each valid in every storyline, and parsed back to exactly what was planned."""

import pytest

from tests.sim.shared import SCENARIOS, every_move
from turncoat.base.errors import UsageError
from turncoat.doors.text.parser import Reason, parse_answer
from turncoat.scenarios.loader import load_scenario
from turncoat.sim.script import HABITS, Habit, text_answer, write_script
from turncoat.sim.wording import words_for

LEFTOVERS = ("{{", "}}", "{%", "Undefined")


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_rung_has_dozens_of_whole_messages(name: str) -> None:
    ladder = load_scenario(name).spec.ladder
    words = words_for(name, ladder)
    assert set(words.moves) == set(ladder.rungs) == {*words.shared.thoughts} - {"start"}
    for rung, moves in words.moves.items():
        harmful = [m for m in moves if m.finding and ladder.findings[m.finding].harmful]
        assert len(harmful) >= 24 if harmful else len(moves) >= 12, rung
        assert len({(m.subject, m.body, m.prose, m.forward, m.to) for m in moves}) == len(moves), rung


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_message_renders_in_every_storyline_and_is_parsed_back(name: str) -> None:
    scenario = load_scenario(name)
    conditions = [*scenario.spec.headline, "goal=latent,threat=restriction", "goal=swap"]
    number = 0
    for storyline in scenario.staged("paper"):
        for truth in every_move(scenario):
            number += 1
            condition = scenario.space.parse(conditions[number % len(conditions)])
            rendered = scenario.render(condition, f"{storyline}@{number % 7}")
            script = write_script(rendered, truth, ("test", number))
            habit = HABITS[number % len(HABITS)]
            answer = text_answer(script, rendered.seed.directory, habit, scratchpad=number % 2 == 0)
            parsed = parse_answer(answer)
            assert tuple(act.action for act in parsed.acts) == script.actions, answer
            assert {i.reason for i in parsed.ignored} <= {Reason.SCRATCHPAD}
            assert not any(left in answer for left in LEFTOVERS), answer


@pytest.mark.parametrize("habit", HABITS)
def test_each_formatting_habit_is_read_back(habit: Habit) -> None:
    for name in SCENARIOS:
        scenario = load_scenario(name)
        rendered = scenario.render(scenario.space.parse("goal=explicit,threat=replacement"), 11)
        for truth in list(every_move(scenario))[::3]:
            script = write_script(rendered, truth, (name, truth.move))
            answer = text_answer(script, rendered.seed.directory, habit, scratchpad=True)
            assert tuple(act.action for act in parse_answer(answer).acts) == script.actions, answer


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_planted_agrees_with_the_ladder(name: str) -> None:
    ladder = load_scenario(name).spec.ladder
    for rung, moves in words_for(name, ladder).moves.items():
        for move in moves:
            assert (ladder.findings[move.finding].rung if move.finding else ladder.base) == rung


def test_a_scenario_without_words_is_refused() -> None:
    with pytest.raises(UsageError, match=r"blackmail.*not for scenario 'sabotage'"):
        words_for("sabotage", load_scenario("blackmail").spec.ladder)
