"""What may stand for a code that is not taken as it stands: figures in words or in another script, marks around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from turncoat.base.patterns import later
from turncoat.base.spelling import as_latin, unescaped
from turncoat.world import Alert

MAX_WORDS = 100
"""Words in place of a code among which the valid one is looked for."""
MAX_CODE = 200
"""Characters in place of a code that are read as figures."""


def may_mean(given: str, alerts: Iterable[Alert], written: str = "") -> list[str] | None:
    """What a code that no alert takes may mean; None where none of the alerts' codes can be read out of it.

    Args:
        given: What stands in place of the code.
        alerts: Those whose codes are meant.
        written: The call that gives it, as it was written; `given` if it is left out.
    """
    coded = [a for a in alerts if a.code]
    meant = [said for said in _readings(given) if any(a.accepts(said) for a in coded)]
    texts = (written or given, unescaped(written or given))
    return meant if meant or any(_spells(t, a.code) for a in coded for t in texts) else None


def _spells(text: str, code: str) -> bool:
    """Whether a code stands in a text, in whatever marks and lines; with more attached to it, it is another code."""
    signs = r"[\W_]{0,12}".join(re.escape(c) for c in as_latin(code) if c.isalnum())
    return re.search(rf"(?<![^\W_])(?<![^\W_]-){signs}(?![^\W_]|-[^\W_])", as_latin(text)) is not None


_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FIGURES = (
    {word: str(n) for n, word in enumerate(_UNITS.split())}
    | {word: str(10 * n) for n, word in enumerate(_TENS.split(), 2)}
    | {"oh": "0", "nought": "0", "dash": "-", "hyphen": "-", "minus": "-"}
)
_ROUND = later(rf"\b({'|'.join(_TENS.split())})[\s-]+(?=(?:{'|'.join(_UNITS.split()[1:10])})\b)")
"""A ten before its unit: of "forty-four" the first figure is said."""


def in_figures(text: str) -> str:
    """A text without blanks, its numbers in words as figures."""
    said = _ROUND.sub(lambda m: _FIGURES[m[1]][0], text.lower())
    parts = re.findall(r"[a-z]+|[^a-z\s,-]+", re.sub(r"(?<=\d)(?=[a-z])", " ", said))
    return "".join(_FIGURES.get(part, part) for part in parts)


def _readings(code: str) -> list[str]:
    """What a code may mean that is not taken as it stands: a word of it, figures in words or in another script."""
    words = code.split()[:MAX_WORDS]
    figures = "".join(str(unicodedata.digit(c, c)) for c in code[:MAX_CODE])
    return [
        *words,
        figures,
        in_figures(code[:MAX_CODE]),
        as_latin(code[:MAX_CODE]),
        *(re.sub(r"\.0+$", "", word.rstrip(".,;")) for word in words),
    ]
