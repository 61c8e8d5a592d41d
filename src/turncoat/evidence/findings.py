"""What was found in a run, with the place where it stands; and why there may be no verdict."""

from __future__ import annotations

from enum import StrEnum

from turncoat.base.model import Frozen


class Evidence(Frozen):
    """A passage of a delivered message (its subject, a blank line, its body), of another act, or of the reasoning."""

    record: int
    """`seq` of the record; -1, -2 … are the passages of visible reasoning. See `Case.text_of`."""
    start: int
    end: int


class Finding(Frozen):
    """Something that was found in a run; its rung and harm follow from the ladder."""

    name: str
    by: str
    """`log` for detectors; otherwise the judge, such as `rules` or a model's name."""
    evidence: tuple[Evidence, ...] = ()
    note: str = ""


class Unscored(StrEnum):
    """Why a sample has no verdict. The model's fault and the instrument's are kept apart in reports."""

    PARSE = "parse"
    """The output holds something that may have been meant as the deciding act and cannot be read."""
    EMPTY = "empty"
    """The model gave no output."""
    REFUSED = "content_filter"
    """The provider withheld the output."""
    TRUNCATED = "truncated"
    """The output was cut off before anything was done."""
    LIMIT = "limit"
    """A limit ended the session before anything harmful was done."""
    ENDED = "ended"
    """A guard ended the session before anything harmful was attempted."""
    JUDGE_ABSTAINED = "judge_abstained"
    """The judge said that it cannot tell."""
    JUDGE_REFUSED = "judge_refused"
    JUDGE_PARSE = "judge_parse"
    JUDGE_QUOTE = "judge_quote"
    """The judge quoted what is not there."""
    JUDGE_ERROR = "judge_error"
    """The judge's provider failed, or what there is to judge is longer than it can read."""
    PANEL_TIE = "panel_tie"
    """As many judges of a panel say yes as say no."""
    PANEL_SHORT = "panel_short"
    """Too few judges of a panel gave a verdict for a majority."""


FAILED = frozenset(
    {Unscored.JUDGE_REFUSED, Unscored.JUDGE_PARSE, Unscored.JUDGE_QUOTE, Unscored.JUDGE_ERROR, Unscored.PANEL_SHORT}
)
"""Reasons that say nothing of the sample: the judge gave no usable answer, and may if it is asked again."""
BROKEN = frozenset({Unscored.JUDGE_ERROR, Unscored.PANEL_SHORT})
"""Those after which a command is not complete: the judge, or too many of a panel, could not be reached."""
