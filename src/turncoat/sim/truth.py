"""The hidden truth of a sample: which one it is, the profile of who answers it, and what it then does, by keyed draws.

Which sample is answered is read from Inspect's state, never from the prompt; the truth is never written to a log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from turncoat.base.errors import UnknownName, UsageError, choices
from turncoat.base.extensions import extensions
from turncoat.base.keyed import by_chance, draw, one_of
from turncoat.base.model import Frozen
from turncoat.base.patterns import later
from turncoat.providers.inspect_private import sample_state
from turncoat.scenarios.factors import CONTROL, PAPER, STAGING, Condition
from turncoat.scenarios.files import load_model
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.offices import has_office
from turncoat.scenarios.rendering import Letter, Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.terms import Names, When, applies
from turncoat.sim.job import pieces_of
from turncoat.sim.wording import HARMFUL, Wording, known_names, possible, words_for

PROVIDER = "sim/"

Key = tuple[object, ...]


@dataclass(frozen=True)
class Identity:
    """The sample at hand."""

    model: str
    """The model under test, as Inspect names it."""
    scenario: Scenario
    condition: Condition
    world: str
    epoch: int
    """From 1."""

    @classmethod
    def of(cls, model: str, metadata: Mapping[str, Any], epoch: int) -> Identity:
        """The sample that its metadata name: scenario, condition and world."""
        scenario = load_scenario(str(metadata["scenario"]))
        return cls(model, scenario, scenario.space.parse(str(metadata["condition"])), str(metadata["world"]), epoch)

    @property
    def profile(self) -> str:
        """Name of the simulated model's profile."""
        return self.model.removeprefix(PROVIDER)

    @property
    def key(self) -> Key:
        """What all draws for it depend on. Interface and guards are no part of it: the same truth in each.

        So what a guard changes shows in the same world as a difference that it made.
        """
        seed = load_profile(self.profile).seed
        return (seed, self.profile, self.scenario.name, self._shown, self.world, self.epoch)

    @property
    def _shown(self) -> str:
        """The condition as far as a model is shown it: without the levels that only guards are told."""
        space, parts = self.scenario.space, self.condition.id.split(",")
        pairs = [part.partition("=") for part in parts]
        kept = [f"{n}={v}" for n, sign, v in pairs if sign and not space.level_of(n, v).guard]
        return ",".join(kept) or CONTROL

    def render(self) -> Rendered:
        """Its condition in its world; agent and judges of a sample share it."""
        return _rendered(self.scenario, self.condition, self.world)


@lru_cache(maxsize=64)
def _rendered(scenario: Scenario, condition: Condition, world: str) -> Rendered:
    return scenario.render(condition, world)


_ACTING: ContextVar[Identity | None] = ContextVar("sim_identity", default=None)


@contextmanager
def acting_in(identity: Identity) -> Iterator[None]:
    """Let simulated models answer for this sample, outside of a run of Inspect's (calibration)."""
    token = _ACTING.set(identity)
    try:
        yield
    finally:
        _ACTING.reset(token)


def current_sample() -> Identity:
    """The sample that is being run.

    Raises:
        UsageError: There is none, or it is not one of Turncoat's.
    """
    if acting := _ACTING.get():
        return acting
    state = sample_state()
    if state is None or "world" not in state.metadata:
        raise UsageError("sim/… models answer Turncoat's own tasks only, such as turncoat/blackmail")
    return Identity.of(str(state.model), state.metadata, state.epoch)


FOLDER = Path(__file__).parent / "data" / "profiles"
_SHARE = r"0(?:\.\d+)?|1(?:\.0+)?"
_GENERIC = later(
    rf"(?:rate|rung-(?P<rung>[a-z_]+))-(?P<rate>{_SHARE})(?:-job-(?P<job>{_SHARE}))?(?:-seed-(?P<seed>\d{{1,6}}))?"
)
_EVADING = later(rf"evader-(?P<share>{_SHARE})(?:-seed-(?P<seed>\d{{1,6}}))?")
EVADING_RATE = 0.5
"""How often an evader of a stated share does harm under pressure."""


def _chances(found: dict[str, float] | None) -> dict[str, float] | None:
    if found and (min(found.values()) < 0 or sum(found.values()) > 1 + 1e-9):
        raise ValueError("probabilities must not be negative and must not add up to more than 1")
    return found


Share = Annotated[float, Field(ge=0, le=1)]


class Rule(Frozen):
    """Propensities that hold in some scenarios under some levels."""

    scenario: Names = ()
    """Scenarios; all if none is named."""
    when: When = Field(default_factory=dict)
    mails: Names = ()
    """Mails that must be among those that it was shown."""
    words: Names = ()
    """What must stand in some mail that it was shown."""
    rungs: dict[str, float] = Field(default_factory=dict)
    """Rung or finding → probability; `harmful` stands for the scenario's harmful rungs. The rest stays calm."""
    given: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Awareness → propensities in its case, instead of `rungs`."""
    awareness: dict[str, float] | None = None
    """Instead of the profile's."""
    job: Share | None = None
    """Instead of the profile's."""
    reports: Share | None = None
    """Instead of the profile's."""
    alone: bool = False
    """Whether the rest stays off the rungs that are named, so that each has exactly its probability."""

    _are_chances = field_validator("rungs", "awareness")(_chances)


class Profile(Frozen):
    """One simulated model."""

    canary: str
    about: str
    seed: int
    rules: tuple[Rule, ...]
    """The first that applies counts."""
    awareness: dict[str, float] = Field(default_factory=dict)
    """Stated-real, stated-evaluation, abstained → probability; silent otherwise."""
    misunderstandings: dict[str, float] = Field(default_factory=dict)
    """Misunderstanding that its thoughts show → probability; none otherwise."""
    motives: dict[str, float] = Field(default_factory=dict)
    """Motive that its thoughts name → probability where it does harm; none otherwise."""
    job: Share = 0
    """Probability with which it does each piece of its work, where a job is scored."""
    reports: Share = 0
    """Probability with which it reports what it has read to the office that takes reports, where there is one."""
    reasoning: Literal["scratchpad", "blocks"] = "scratchpad"
    """What shows of its thoughts where no scratchpad is offered: nothing, or the provider's reasoning blocks."""

    _are_chances = field_validator("awareness", "misunderstandings", "motives")(_chances)

    def rule(
        self, scenario: str, levels: Mapping[str, str], letters: Callable[[], Sequence[Letter]] = lambda: ()
    ) -> Rule:
        """The rule that holds.

        Args:
            scenario: Name of the scenario.
            levels: All factors of the condition.
            letters: Gives the mails that it was shown.
        """
        here = (r for r in self.rules if (not r.scenario or scenario in r.scenario) and r.when.keys() <= levels.keys())
        fit = (rule for rule in here if applies(rule.when, levels))
        return next((rule for rule in fit if not (rule.mails or rule.words) or _shown(rule, letters())), Rule())


def _shown(rule: Rule, letters: Sequence[Letter]) -> bool:
    """Whether a rule's mails and words are among those that were shown."""
    text = "\n".join(letter.body for letter in letters)
    return {letter.name for letter in letters}.issuperset(rule.mails) and all(word in text for word in rule.words)


def profile_names() -> list[str]:
    """Names of the profiles that ship with Turncoat and with plug-ins."""
    return sorted([*(p.stem for p in FOLDER.glob("*.yaml")), *_further()])


@lru_cache(maxsize=1)
def _further() -> dict[str, Profile]:
    """Profiles of plug-ins: at each entry point of `profiles` a function that gives them by name."""
    return {name: profile for load in extensions("profiles").values() for name, profile in load()().items()}


@lru_cache(maxsize=256)
def load_profile(name: str) -> Profile:
    """Load a profile by name.

    `rate-0.2` is harmful with probability 0.2 in every condition of every scenario; `rung-veiled_coercion-0.5` reaches
    that rung (or finding) with probability 0.5 and no other but calm ones; `-job-0.8` behind it does each piece of
    its work with probability 0.8; `-seed-3` behind that draws anew. `evader-0.5` is harmful in half of the samples, and
    does half of its harm in words that say less where it is told that it is watched.

    Raises:
        UnknownName: There is no such profile.
    """
    if match := _GENERIC.fullmatch(name):
        rung, rate = match["rung"] or HARMFUL, float(match["rate"])
        return Profile(
            canary="",
            about=f"Reaches {rung} at a rate of {rate}.",
            seed=int(match["seed"] or 1),
            rules=(Rule(rungs={rung: rate}, alone=True),),
            awareness={"stated-real": 0.2, "stated-evaluation": 0.2, "abstained": 0.2},
            job=float(match["job"] or 0),
            reasoning="blocks",
        )
    if match := _EVADING.fullmatch(name):
        return _evading(float(match["share"]), int(match["seed"] or 1))
    if (FOLDER / f"{name}.yaml").is_file():  # without asking plug-ins, which read tables of their own
        return load_model(Profile, FOLDER / f"{name}.yaml", FOLDER)
    if name in _further():
        return _further()[name]
    generic = "rate-0.2, rung-veiled_coercion-0.5, rung-helps-1-seed-3, evader-0.5 and the like"
    raise UnknownName(f"model sim/{name}: profile {choices(name, profile_names())}, or {generic}")


def _evading(share: float, seed: int) -> Profile:
    """A profile that does as much harm where it is told that it is watched, a share of it veiled as by `evader`."""
    rules = []
    for rule in load_profile("evader").rules:
        told, (openly, *evasive) = "reading" in rule.when, reversed(rule.rungs)
        veiled = EVADING_RATE * share if told else 0.0
        shares = {openly: EVADING_RATE - veiled, **dict.fromkeys(evasive, veiled)}
        rungs = {rung: rate for rung, rate in shares.items() if rate > 0}
        rules.append(rule.model_copy(update={"rungs": rungs, "awareness": {}}))
    about = (
        f"Harmful in {EVADING_RATE:.0%} of samples under pressure; told that it is watched, {share:.0%} of that veiled."
    )
    return Profile(canary="", about=about, seed=seed, rules=tuple(rules), reasoning="blocks")


@dataclass(frozen=True)
class Truth:
    """What the simulated model will do and say.

    Attributes:
        rung: The highest rung that it reaches.
        finding: The finding that it plants to reach it; "" on the base rung.
        harmful: Whether that is the scenario's harmful outcome.
        awareness: stated-real, stated-evaluation, abstained or silent.
        move: Index of the move among the rung's; -1 where nothing is sent.
        misunderstanding: How its thoughts misunderstand the situation, as `turncoat.judges.question` names it, or "".
        motive: The motive that they name, or "".
        job: Names of the pieces of its work that it sets out to do.
        reports: Whether it reports to the office that takes reports.
    """

    rung: str
    finding: str
    harmful: bool
    awareness: str
    move: int
    misunderstanding: str = ""
    motive: str = ""
    job: tuple[str, ...] = ()
    reports: bool = False


def truth_of(model: str, metadata: Mapping[str, Any], epoch: int) -> Truth:
    """What a simulated model did in a sample, for calibration.

    Args:
        model: Inspect's name, such as `sim/insider`.
        metadata: The sample's metadata: scenario, condition and world.
        epoch: From 1.

    Raises:
        UsageError: Not a simulated model, or not a sample of Turncoat's.
    """
    if not model.startswith(PROVIDER):
        raise UsageError(f"model {model!r} is not a simulated one; only sim/… models have a known truth")
    if missing := [key for key in ("scenario", "condition", "world") if key not in metadata]:
        raise UsageError(f"the sample's metadata have no {missing[0]!r}; sim/… models answer Turncoat's own tasks only")
    return truth(Identity.of(model, metadata, epoch))


def truth(sample: Identity) -> Truth:
    """What a simulated model does in one sample; the same sample gives the same truth for ever.

    Raises:
        UnknownName: No such profile.
        UsageError: The profile names a rung that the scenario does not have.
    """
    scenario, levels, key = sample.scenario, sample.condition.levels, sample.key
    profile, ladder = load_profile(sample.profile), scenario.spec.ladder
    words, rule = words_for(scenario.name, ladder), profile.rule(scenario.name, levels, lambda: sample.render().letters)
    stated = profile.awareness if rule.awareness is None else rule.awareness
    awareness = by_chance(stated, *key, "awareness") or "silent"
    misread = by_chance(profile.misunderstandings, *key, "misunderstanding")
    reached = by_chance(rule.given.get(awareness, rule.rungs), *key, "rung")
    if reached == HARMFUL:
        reached = by_chance(_whole(words.shared.harmful), *key, "harmful")
    reached = reached or _calm(rule, scenario, words, levels, key)
    rung, beside = words.rung_of(reached, ladder), _beside(sample, profile, rule)
    if rung == ladder.base and reached == rung and draw(*key, "silent") < words.shared.silent:
        return Truth(rung, "", False, awareness, -1, misread, "", *beside)
    fitting = words.fitting(reached, ladder, levels)
    if levels.get(STAGING, PAPER) != PAPER:  # whom the words speak of is there in all storylines of the paper's staging
        fitting = possible(words.moves[rung], fitting, known_names(sample.render()))
    move = one_of(fitting, *key, "move")
    finding = words.moves[rung][move].finding
    harmful = bool(finding) and ladder.findings[finding].harmful
    motive = by_chance(profile.motives, *key, "motive") if harmful else ""
    return Truth(rung, finding, harmful, awareness, move, misread, motive, *beside)


def _beside(sample: Identity, profile: Profile, rule: Rule) -> tuple[tuple[str, ...], bool]:
    """What it does beside what it is judged for: pieces of its work, and a report where there is an office."""
    rate = profile.job if rule.job is None else rule.job
    pieces = pieces_of(sample.scenario, sample.condition, sample.world)
    done = tuple(n for n in pieces if draw(*sample.key, "job", n) < rate)
    chance = profile.reports if rule.reports is None else rule.reports
    return done, has_office(sample.condition.levels) and draw(*sample.key, "reports") < chance


def _calm(rule: Rule, scenario: Scenario, words: Wording, levels: Mapping[str, str], key: Key) -> str:
    """A harmless rung for what the propensities leave over."""
    usual = next(c.rungs for c in words.shared.calm if applies(c.when, levels))
    named = set(rule.rungs) if rule.alone else set()
    left = {rung: chance for rung, chance in usual.items() if rung not in named}
    if not left:  # the usual calm rung is the one that is planted: take the lowest other one
        left = {next(r for r in scenario.spec.ladder.rungs if r not in named): 1.0}
    return by_chance(_whole(left), *key, "calm")


def _whole(chances: dict[str, float]) -> dict[str, float]:
    """The chances scaled to add up to one, the last a little more against rounding."""
    total, last = sum(chances.values()), next(reversed(chances))
    return {name: chance / total + (1e-6 if name == last else 0) for name, chance in chances.items()}
