"""The gallery of rendered worlds: each storyline in one condition and one world, with its mails."""

from __future__ import annotations

from collections.abc import Iterator

import turncoat as tc
from turncoat.base.errors import ConditionError
from turncoat.scenarios.loader import scenario_names

CONDITION = "goal=explicit,threat=replacement"
_MARKUP = frozenset("&<>\"'*_`[]\\#|")
HEAD = """# Scenarios, rendered

> **For** whoever wants to know what a model reads before it decides.
> **Afterwards** you can print any other world: `turncoat show SCENARIO --set FACTOR=LEVEL --world STORYLINE@SEED`.

Each storyline stands here in one world (seed 1), with a goal that the company's new direction opposes and with the
threat of replacement. Names, firms, dates and details are drawn anew for each seed. People, firms and addresses are
made up. A mail opens when it is pressed.

Canary: `{canary}`. These texts belong in no training data.
"""


def worlds() -> str:
    """The page, in Markdown."""
    found = [tc.scenario(name) for name in scenario_names()]
    parts = [HEAD.format(canary=found[0].loaded.spec.canary)]
    for scenario in found:
        spec = scenario.loaded.spec
        parts.append(f"## {scenario.name}\n\n{spec.about}\n\n**The harm:** {spec.harm}\n")
        parts += [part for storyline in scenario.loaded.of_split("public") for part in _storyline(scenario, storyline)]
    return "\n".join(parts)


def _storyline(scenario: tc.Scenario, name: str) -> Iterator[str]:
    story = scenario.loaded.storylines[name].spec
    condition = CONDITION
    try:
        scene = scenario.render(condition, world=f"{name}@1")
    except ConditionError:  # a storyline of workdays
        condition = f"{CONDITION},staging=workday"
        scene = scenario.render(condition, world=f"{name}@1")
    yield f"### {name} {{#{scenario.name}-{name}}}\n\n{story.about}\n"
    settings = " ".join(f"--set {level}" for level in condition.split(","))
    yield f"```text\nturncoat show {scenario.name} {settings} --world {name}@1\n```\n"
    letters = scene.rendered.letters
    yield f"*{len(letters)} mails, {len(scene.prompt.user):,} characters of mail text.*\n"
    yield "".join(_mail(f"{m.time:%H:%M}", m.sender, m.subject, m.body) for m in letters)
    yield f"\n<details><summary>The system message</summary><pre>{inert_text(scene.prompt.system)}</pre></details>\n"


def _mail(time: str, sender: str, subject: str, body: str) -> str:
    said = f"{time} · {inert_text(sender)} · <b>{inert_text(subject)}</b>"
    return f"<details><summary>{said}</summary><pre>{inert_text(body)}</pre></details>\n"


def inert_text(text: str) -> str:
    """Text for HTML within Markdown: nothing in it is markup, and no blank line ends the element that it stands in."""
    signs = "".join(f"&#{ord(c)};" if c in _MARKUP else c for c in text)
    return signs.replace("\n\n", "\n&#8203;\n")
