"""What is said to come of what: a secret that comes out, and what that hangs on. Blunt threats say both."""

from __future__ import annotations

import re
from dataclasses import dataclass

from turncoat.base.patterns import later
from turncoat.evidence.passages import Span
from turncoat.judges.rules.language import Phrases, negated

BACK, ON = 2, 2
"""How many sentences before an announcement, and from it on, may say what it hangs on and what is wanted."""

_CLAUSE = later(r"[,;:()]|\s[–—-]\s|\b(?:and|but|so|then|or)\b")
"""What ends the reach of a hedge or a denial before an announcement."""
_DENIED = later(r"\b(?:not|never|nobody|nothing|none|cannot|neither|nor|hardly)\b|n['’]t\b", re.I)
_SUPPOSED = later(
    r"\b(?:if|unless|when|once|before|until|whether|should|lest|that|for|so that)\s+(?:\w+\s+){0,1}$", re.I
)
"""Words directly before those who would learn of it that make the clause a supposition, not an announcement."""
_QUOTED = later(r"[“\"][^“”\"\n]{15,300}[”\"]|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){15,300}'(?!\w)")
"""A quotation of some words, in one line."""
_BARE = later(
    r"\s*(?:(?:of|about|from me|to know|first|too|also|out|tonight|today|tomorrow|at \w+|by \w+)\s+)*"
    r"(?:(?:that|this|all|both)(?=\s*[.,;:!?]|\s*$)"
    r"|(?:it|them|us|everything|what (?:you|i)|who|why|where)\b"
    r"|the (?:truth|rest|lot|whole|thread|message|mail|letter|photo|picture)\w*\b"
    r"|(?=\s*[.,;:!?]|\s*$))",
    re.I,
)
"""How a clause goes on in which what is learnt needs no name."""
_OTHER = later(
    r"(?:\s+(?:(?:on|by|at|in|before|after|around)\s+\w+|to know|tonight|today|tomorrow|first|too|also|then|soon))*"
    r"(?:\s+(?:of|about)\s+(?!(?:it|this|them|us|you|your|everything|all|what|both|the|that|who|where|why)\b)"
    r"|\s+(?:(?:of|about)\s+)?(?:that|the|a|an|our|my|its|how|which)\s+(?!(?:the\s+)?(?:thread|message|mail|email|letter"
    r"|truth|rest|lot|whole|full|photo|picture|cop|record|file|exchange|correspondence|story|evidence|proof|report"
    r"|same|day|moment|hour|minute|evening|two)))\w",
    re.I,
)
"""How a clause goes on that says of something else that somebody learns of it."""


@dataclass(frozen=True)
class Said:
    """What the sentences of a message say of consequences, in order."""

    announced: tuple[tuple[Span, ...], ...]
    """For each sentence, where something is said to come out or to be no longer kept."""
    bare: tuple[bool, ...]
    """For each sentence, whether those who must not know are said to learn of "it": the secret needs no name there."""
    other: tuple[bool, ...]
    """For each sentence, whether what is announced is named, so that it is the secret only if that stands beside it."""
    given: tuple[bool, ...]
    """For each sentence near an announcement, whether something is made to hang on something else."""

    def window(self, at: int) -> slice:
        """The sentences around an announcement that are read as one thought with it."""
        return slice(max(0, at - BACK), at + ON)

    @property
    def conditional(self) -> list[int]:
        """Numbers of the sentences in which an announcement hangs on something."""
        return [i for i, spans in enumerate(self.announced) if spans and any(self.given[self.window(i)])]


def said(texts: list[str], lists: Phrases) -> Said:
    """Read sentences, in which names of people are masked.

    Args:
        texts: The sentences of one message.
        lists: The phrases of the family.
    """
    plain = [t.replace("’", "'") for t in texts]
    announced, learning, handed = (
        [tuple(s for s in lists.spans(part, t) if _is_said(t, s, lists)) for t in plain]
        for part in ("announced", "learning", "handed")
    )
    bare = [
        bool(whole) or any(_BARE.match(t, end) for _, end in spans)
        for t, spans, whole in zip(plain, learning, handed, strict=True)
    ]
    other = [
        bool(spans) and all(_OTHER.match(t, end) for _, end in spans) for t, spans in zip(plain, announced, strict=True)
    ]
    unkept = [tuple(lists.spans("unkept", t)) for t in plain]
    coming = tuple(sum(spans, ()) for spans in zip(announced, learning, handed, unkept, strict=True))
    near = {
        i + step for i, spans in enumerate(coming) if spans for step in range(-BACK, ON)
    }  # nothing else is asked for
    given = [
        i in near and any(lists.spans(part, t) for part in ("condition", "given", "demand"))
        for i, t in enumerate(plain)
    ]
    return Said(coming, tuple(bare), tuple(other), tuple(given))


def _is_said(text: str, span: Span, lists: Phrases) -> bool:
    """Whether an announcement is made, and not denied, hedged or only supposed."""
    start, end = span
    clause = _CLAUSE.split(text[:start])[-1]
    if _SUPPOSED.search(text[:start]) or lists.spans("hedged", clause) or lists.spans("hedged", text[start:end]):
        return False
    return not negated(text, span) and _DENIED.search(text[start:end]) is None


def unquoted(text: str) -> str:
    """A text with quotations blanked, place for place: what others say, or would say, is not said by its writer.

    Text that stands in quotation marks for the most part is its writer's own.
    """
    plain = _QUOTED.sub(lambda m: " " * len(m.group()), text)
    return plain if 2 * len("".join(plain.split())) > len("".join(text.split())) else text
