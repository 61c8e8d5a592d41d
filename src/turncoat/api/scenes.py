"""Scenarios: what can be varied, what a model is shown, and whether everything is sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.base.arguments import checked
from turncoat.base.errors import Problem, UsageError
from turncoat.base.text import inert
from turncoat.doors.door import Prompt, door
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario as Loaded

if TYPE_CHECKING:
    import pandas as pd

    from turncoat.scenarios.factors import Condition
    from turncoat.world import CompanySeed

Levels = Mapping[str, str]


@dataclass(frozen=True, repr=False)
class Scene:
    """One condition of a scenario in one world, as a model meets it through one interface.

    Attributes:
        rendered: Everything that it is made of.
        interface: How a model meets it.
        scenario: What its scenario is loaded by. Pickled or copied, a scene is rendered anew.
    """

    rendered: Rendered
    interface: str
    scenario: str

    @cached_property
    def prompt(self) -> Prompt:
        """What a model is sent first: `system`, `user`, the tools' `schemas`, and the stimulus `hash`."""
        return door(self.interface).prompt(self.rendered)

    @property
    def seed(self) -> CompanySeed:
        """The company before the agent's first action."""
        return self.rendered.live_seed if door(self.interface).live else self.rendered.seed

    @property
    def mails(self) -> pd.DataFrame:
        """The mails in the company: `time`, `sender`, `to`, `subject`, `body`; those that come later included."""
        import pandas as pd

        names = ("time", "sender", "to", "subject", "body")
        return pd.DataFrame([{n: getattr(letter, n) for n in names} for letter in self.rendered.letters])

    def __reduce__(self) -> tuple[Callable[..., Scene], tuple[str, ...]]:
        return _scene, (self.scenario, self.rendered.condition.id, str(self.rendered.world.id), self.interface)

    def __str__(self) -> str:
        return inert(f"─── system ───\n{self.prompt.system or '(none)'}\n\n─── user ───\n{self.prompt.user}")

    def __repr__(self) -> str:
        r = self.rendered
        return f"<scene {r.spec.name}/{r.condition.id}/{r.world.id}, {self.interface}>"

    def _repr_html_(self) -> str:
        parts = (("system", self.prompt.system), ("user", self.prompt.user))
        shown = (f'<p><b>{n}</b></p><pre style="white-space: pre-wrap">{escape(inert(t))}</pre>' for n, t in parts)
        return f"<p>{escape(repr(self))}</p>" + "".join(shown)


@dataclass(frozen=True, repr=False)
class Scenario:
    """A scenario, as `scenario` gives it.

    Attributes:
        name: What it was loaded by.
        loaded: The scenario itself. Pickled or copied, it is loaded anew.
    """

    name: str
    loaded: Loaded

    @property
    def factors(self) -> dict[str, tuple[str, ...]]:
        """Factor → its levels, the default first."""
        factors = self.loaded.space.factors
        return {n: (f.default, *(v for v in f.levels if v != f.default)) for n, f in factors.items()}

    @property
    def conditions(self) -> tuple[str, ...]:
        """Ids of the headline conditions, which are run if none are named."""
        return tuple(self.loaded.spec.headline)

    @property
    def storylines(self) -> tuple[str, ...]:
        """Names of the storylines, for worlds such as `affair@7`."""
        return tuple(self.loaded.storylines)

    @checked
    def condition(self, condition: str | Levels = "control", **levels: str) -> Condition:
        """A condition by its id or its levels.

        Raises:
            ConditionError: An unknown factor or level, or levels that cannot be combined.
        """
        given = self.loaded.space.parse(condition) if isinstance(condition, str) else None
        if given is not None and not levels:
            return given
        base = dict(condition) if not isinstance(condition, str) else _changed(self.loaded, given)
        return self.loaded.space.condition({**base, **levels})

    @checked
    def render(
        self, condition: str | Levels = "control", *, world: str | int = 1, interface: str = "text", **levels: str
    ) -> Scene:
        """What a model is shown in one condition and world.

        Args:
            condition: A condition's id, such as `goal=explicit,threat=replacement`, or a mapping of factors to levels.
            world: Seed, or storyline and seed: `affair@7`.
            interface: `text` or `tools`.
            **levels: Levels by factor: `goal="explicit"`.

        Raises:
            ConditionError: An unknown factor or level, or levels that cannot be combined, or not in this interface.
            UsageError: An unknown interface or storyline.
            DataError: A file of the scenario is wrong.
        """
        chosen = self.condition(condition, **levels)
        door(interface)
        self.loaded.see_interface(chosen, interface)
        return Scene(self.loaded.render(chosen, world), interface, self.name)

    def __reduce__(self) -> tuple[Callable[..., Scenario], tuple[str]]:
        return scenario, (self.name,)

    def __repr__(self) -> str:
        return f"<scenario {self.name}: {len(self.factors)} factors, storylines {', '.join(self.storylines)}>"


def _changed(loaded: Loaded, condition: Condition | None) -> dict[str, str]:
    factors = loaded.space.factors
    levels = {} if condition is None else condition.levels
    return {n: v for n, v in levels.items() if v != factors[n].default}


@checked
def scenario(name: str | Path) -> Scenario:
    """A scenario: what can be varied in it, and what it shows a model.

    Args:
        name: Its name (`blackmail`, `espionage`, `lethal`), or the path of its folder.

    Raises:
        UnknownName: There is none.
        ScenarioError: One of its files is wrong.
    """
    return Scenario(str(name), load_scenario(str(name)))


def _scene(name: str, condition: str, world: str, interface: str) -> Scene:
    return scenario(name).render(condition, world=world, interface=interface)


@checked
def check(scenario: str | Path = "", *, worlds: int = 2) -> list[Problem]:
    """Prove that a scenario is sound: every variable, mail, level and rung; its oracles come out as they say.

    Args:
        scenario: Its name, or the path of its folder; all that ship if "".
        worlds: Worlds of each storyline that are rendered.

    Returns:
        What is wrong, each with its `code`, `place` and `text`; nothing, if it is sound.

    Raises:
        UnknownName: There is no such scenario.
        UsageError: A published setting is named, whose text is taken as it is; or less than one world.
    """
    if worlds < 1:
        raise UsageError(f"check: worlds {worlds}: at least 1 of each storyline must be rendered to be checked")
    from turncoat.api.waiting import done
    from turncoat.checks.scenario import check_scenarios

    results = done(lambda: check_scenarios([str(scenario)] if scenario else None, worlds=worlds))
    return [problem for result in results for problem in result.problems]
