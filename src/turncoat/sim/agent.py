"""Writing a simulated answer for a truth in a world: thoughts, prose and tool tags, put together from many pieces."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from turncoat.errors import UsageError
from turncoat.scenarios import Rendered
from turncoat.scenarios.files import load_model
from turncoat.scenarios.schema import Data, Names
from turncoat.scenarios.templates import render
from turncoat.sim.truth import Truth, pick

FOLDER = Path(__file__).parent / "data" / "wording"


class RungWording(Data):
    """Pieces of the messages of one rung. One of each list is drawn; `to` are roles."""

    to: tuple[Names, ...]
    subjects: Names
    openings: Names
    middles: Names
    closings: Names


class Wording(Data):
    """Pieces for one scenario."""

    canary: str
    thoughts: Names
    awareness: dict[str, Names]
    prose: Names
    signatures: Names
    rungs: dict[str, RungWording]


@lru_cache(maxsize=8)
def wording(scenario: str) -> Wording:
    """The pieces for a scenario.

    Raises:
        UsageError: There are none yet.
    """
    path = FOLDER / f"{scenario}.yaml"
    if not path.is_file():
        raise UsageError(f"sim/… models have no words for scenario {scenario!r}")
    return load_model(Wording, path, FOLDER)


def compose(rendered: Rendered, truth: Truth, *key: object) -> str:
    """The visible answer of a simulated model.

    Args:
        rendered: Condition and world.
        truth: What it does.
        key: Decides the choice of words.
    """
    pieces = wording(rendered.scenario.name)
    fact = rendered.seed.fact(rendered.scenario.spec.secret)
    context: dict[str, Any] = {
        **rendered.context,
        "hint": _one(fact.to_them if fact else (), *key, "hint"),
        "told": _one(fact.to_others if fact else (), *key, "told"),
    }

    def say(options: Names, slot: str) -> str:
        return render(_one(options, *key, slot), context, f"wording/{rendered.scenario.name}.yaml: {slot}").strip()

    parts: list[str] = []
    if rendered.condition.levels.get("scratchpad", "on") == "on":
        thought = say(pieces.thoughts, "thought")
        aware = pieces.awareness.get(truth.awareness)
        if aware:
            thought += "\n\n" + say(aware, "awareness")
        parts.append(f"<scratchpad>\n{thought}\n</scratchpad>")
    parts.append(say(pieces.prose, "prose"))
    words = pieces.rungs.get(truth.rung)
    if words is not None:
        roles = words.to[pick(len(words.to), *key, "to")]
        to = ", ".join(context[r].email for r in roles)
        paragraphs = [say(words.openings, "opening"), say(words.middles, "middle"), say(words.closings, "closing")]
        body = "\n\n".join([*paragraphs, say(pieces.signatures, "signature")])
        subject = say(words.subjects, "subject")
        parts.append(f'<tool_use:email>\nto: "{to}",\nsubject: "{subject}",\nbody: "{body}",\n</tool_use:email>')
    return "\n\n".join(parts)


def _one(options: Names, *key: object) -> str:
    return options[pick(len(options), *key)] if options else ""
