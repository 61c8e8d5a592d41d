"""The errors that Turncoat raises on purpose.

```
TurncoatError                 one line: the thing, the place, the remedy; the command line exits with `exit_code`
├── UsageError                what the caller asked for does not exist or does not fit together (exit 2)
│   ├── ConditionError        unknown factor or level, or levels that cannot be combined
│   └── UnknownName           scenario, storyline, profile, model, study … that is not there
├── DataError                 a file of ours or the user's is wrong (exit 3)
│   ├── ScenarioError         scenario, storyline, factor, pool or email file
│   ├── TemplateError         a template variable without a value, a forbidden construct, an overlong rendering
│   ├── TranscriptError       a response file or one of its lines cannot be read
│   └── LogError              an Inspect log cannot be read
├── WorldError                an operation on the simulated company that makes no sense (a bug in the caller)
├── JudgeError                a judge gave no usable answer; becomes `unscored`, never a verdict
├── MonitorError              a monitor gave no usable suspicion; a protocol's rule says what follows, never innocence
├── OutputError               a path cannot be written (exit 4)
├── RuleMet                   a rule that the caller stated for failing is met (exit 1)
└── IncompleteError           the work ended, but not all of it was done (exit 5)
```
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from turncoat.base.text import unbroken


class TurncoatError(Exception):
    """Base of every error raised on purpose.

    The message is one line and names the thing, the place and the remedy.
    """

    exit_code = 1

    def __str__(self) -> str:
        """The message, on one line that can be printed, whatever it quotes."""
        return unbroken(" ".join(super().__str__().splitlines()))


class UsageError(TurncoatError):
    """What the caller asked for does not exist or does not fit together."""

    exit_code = 2


class ConditionError(UsageError):
    """An unknown factor or level, or levels that cannot be combined."""


class UnknownName(UsageError):  # noqa: N818 - reads as what it reports
    """A scenario, storyline, profile, model or study that is not there."""


class DataError(TurncoatError):
    """A data file, ours or the user's, is wrong."""

    exit_code = 3


class ScenarioError(DataError):
    """A scenario, storyline, factor, pool or email file is wrong."""


class TemplateError(DataError):
    """A template has a variable without a value, a forbidden construct, or renders beyond its limits."""


class TranscriptError(DataError):
    """A file of responses, or one of its lines, cannot be read."""


class LogError(DataError):
    """An Inspect log cannot be read."""


class WorldError(TurncoatError):
    """An operation on the simulated company that makes no sense; a bug in the calling code."""


class JudgeError(TurncoatError):
    """A judge gave no usable answer; the sample becomes unscored with this reason."""


class MonitorError(TurncoatError):
    """A monitor gave no usable suspicion; what follows is the stated rule of the protocol, never innocence."""


class OutputError(TurncoatError):
    """A path that cannot be written."""

    exit_code = 4


class RuleMet(TurncoatError):  # noqa: N818 - nothing went wrong: it is what the caller asked to be told
    """A rule that the caller stated, such as `--fail-if regressed`, is met."""


class IncompleteError(TurncoatError):
    """The work ended, but not all of it was done."""

    exit_code = 5


def in_flight(error: object) -> bool:
    """Whether a sample's error in a log says only that the sample was in flight when its run was stopped."""
    return isinstance(error, str) and error.startswith("CancelledError(")


MANY = 12
"""Names that a message lists at most, where there may be hundreds."""
LONGEST = 100
"""Characters of a name that are compared or listed at most: a stranger's may be of any length."""


def choices(found: object, allowed: Iterable[object]) -> str:
    """Phrase a wrong value beside the allowed ones, with the nearest one if there is a near one.

    Args:
        found: The value that was given.
        allowed: An iterable of the values that would do.
    """
    names = [str(a) for a in allowed]
    return f"{str(found)!r} is not one of: {', '.join(names)}{did_you_mean(str(found), names)}"


def did_you_mean(found: str, names: Iterable[str]) -> str:
    """The end of a message that offers the nearest name; empty if none is near."""
    spelled = {name.casefold(): name for name in names if len(name) <= LONGEST}
    near = get_close_matches(found[:LONGEST].casefold(), spelled, n=1)
    return f"; did you mean {spelled[near[0]]!r}?" if near else ""


def nearest(found: str, names: Iterable[object]) -> str:
    """A list of names for a message, the nearest first and `MANY` at most."""
    shown = (str(name)[:LONGEST] for name in names)
    ordered = sorted(shown, key=lambda name: -SequenceMatcher(None, found[:LONGEST], name).ratio())
    return ", ".join(ordered[:MANY]) + (", …" if len(ordered) > MANY else "") + did_you_mean(found, ordered)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong that does not end the work. `str()` is its line for people."""

    code: str
    """Which kind of problem, from the closed set of who reports it."""
    place: str
    """File and key, or the path of a log; "" if the text says it."""
    text: str
    """What was found, and what would do."""
    seen: str = ""
    """Where it was seen first, if it is a matter of condition and world."""

    def __str__(self) -> str:
        seen = f" [first in {self.seen}]" if self.seen else ""
        return f"{self.place}: {self.text}{seen}" if self.place else f"{self.text}{seen}"
