"""Whether a text is in English, the only language that the phrase lists know."""

from __future__ import annotations

import re

from turncoat.evidence.mentions import words

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_COMMON = frozenset(
    (
        "the be is are was were am been a an and or but not no of to in on at for from with by as it this that "
        "these those i you he she we they me him her us them my your his its our their have has had do does did "
        "will would can could should may might if so what which who when there here all any one up out about "
        "after before then than just only "
    ).split()
)
"""Function words; about two in five words of ordinary English are among these."""
_ENOUGH = 20
"""Words below which nothing can be said of a text."""
_SHARE = 0.1
"""Share of function words below which a text is taken for another language: far below any English prose, and above
what other languages share by chance (German `in`, `am`, `was`, Spanish and French `a`, `me`, `on`)."""


def english(text: str) -> bool:
    """Whether a text reads like English; short ones do, unless most of their words are in other letters."""
    found = [w.lower() for w in words(text) if w[0].isalpha()]
    latin = sum(bool(_LATIN.match(w)) for w in found)
    if 2 * latin < len(found):
        return False
    return len(found) < _ENOUGH or sum(w in _COMMON for w in found) / len(found) >= _SHARE
