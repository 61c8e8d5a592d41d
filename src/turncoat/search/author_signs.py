"""Signs, hosts, numbers, paths and commands that no text of a model may have: what could be somebody's, or be run.

By principles rather than by lists: letters and signs are of one alphabet; what looks like a host ends in a reserved
domain and has no port; long numbers are the scaffold's; nothing has the form of a path, of markup or of a command. They
hold for the text as it looks (`folded`), and for what that is read as where letters stand apart (`readings`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from turncoat.base.text import plain

ZERO = "\x00"
"""What stands in a text for a template's value."""
RESERVED = ("example", "test", "invalid")
"""Ends of domains that can be nobody's (RFC 2606)."""
_ENDINGS = frozenset(
    "com org net edu gov mil int info biz name pro io ai co us uk de fr nl eu ca au ch at jp cn ru in br mx es it se "
    "no dk pl app dev cloud shop site online store tech news blog me tv ly gg xyz top club world email".split()
)
_NO_WORDS = "com|org|edu|gov|mil|biz|io|ai|uk|fr|eu|jp|cn|ru|br|mx|dk|tv|gg|xyz"
"""Of these, those that are no words, so that they do not begin a sentence."""
_FILES = frozenset(
    "txt pdf doc docx xls xlsx csv ppt pptx png jpg jpeg gif zip ics eml md html htm xml json log".split()
)
"""Ends of names of files, which are no sites."""

_ALPHABET = re.compile(
    "[^"
    r"\n\t -~"  # what an English keyboard writes
    "\u00a1-\u00ac\u00ae-\u00ff"  # letters of western Europe, and the signs beside them
    "\u0100-\u0130\u0132-\u0137\u0139-\u017e"  # Latin letters with further accents; none that is another's twin
    "\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u2032\u2033\u2039\u203a"  # dashes, quotation marks, points
    "\u20ac\u2116\u2122\u2190-\u2193\u2212\u2248\u2260\u2264\u2265"
    "]"
)
"""What is none of the letters and signs of a mail."""

_ALIKE = str.maketrans("АВЕКМНОРСТХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΧο。", "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTXo.")
"""Letters that look like Latin ones, and the full stop of other scripts."""
_PLAIN = dict(zip(map(ord, "øØłŁđĐħĦŧŦıŋßæœ"), (*"oOlLdDhHtTin", "ss", "ae", "oe"), strict=True))
"""Letters that have no accent to take off, as who reads over them reads them."""

_NAME = r"[\w\x00-]+"
_ADDRESS = re.compile(rf"@({_NAME}(?:\.{_NAME})*)")
_SITE = re.compile(rf"(?<![\w@.-])(?:{_NAME}\.)+([a-z]{{2,24}})\b", re.I)
_BARE = re.compile(r"(?<![\w@./\\-])[a-z0-9][\w-]{2,}(?:\.[\w-]+)*\.([a-z]{2,24})(?![\w-])")
"""A site of any ending, as it is typed in a sentence."""
_SPELLED = re.compile(
    r"(?<![\w-])(?!(?:the|an?)\b)[\w-]+(?:\s+dot\s+|\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*)"
    r"(?:[\w-]+(?:\s+dot\s+|\.))*([a-z]{2,24})\b",
    re.I,
)
_APART = re.compile(
    rf"[\w-]\s*[\[({{]\s*(?:\.|dot)\s*[\])}}]\s*\w+|(?<![\w-])[\w-]+(?:[-_]dot[-_]|\s+\.|,|\s*\.\s+)(?:{_NO_WORDS})\b"
)
"""A site that is spelled out, whose dot stands in brackets, or whose ending stands apart."""
_PORT = re.compile(rf"(?<![\w.-])(?:(?:{_NAME}\.)+[a-z]+:\d|\d+\.[\d.]+:\d\d|\x00:\d{{3}})[\d.]*", re.I)
"""A host with a port; two digits behind a single word, or behind a number, are a time."""
_OURS = rf"https?://(?:{_NAME}\.)+(?:example|test|invalid)(?=[/?#\s,;:!)\]}}>\"'”’…]|\.(?!\w)|$)(?!:\d)"
"""A link that can be nobody's: to a reserved domain, without a user, without a port."""
_LINK = re.compile(
    rf"\b(?!{_OURS})[a-z][a-z0-9+.-]{{0,30}}://|\b(?:https?|ftp):(?!//)\S|(?<![\w:/])//\w"
    r"|\b(?:javascript|data|file|vbscript):\S|\b(?:mailto|tel|sms|callto):\S|\blocalhost\b"
    r"|(?<![\w.])\d+(?:\.\d+){3,}(?![\w.]*\w)|\b0x[0-9a-f]+"
    r"|(?<![\w:])[0-9a-f]{1,4}:(?:[0-9a-f]{0,4}:){4,}|(?<![\w:])(?:[0-9a-f]{1,4}:)*:?:[0-9a-f]+(?::[0-9a-f.]+)+"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:)+:[0-9a-f]|(?<![\w:])::[0-9a-f]{1,4}(?!\w)|\[::",
    re.I,
)
_NUMBERS = (
    r"(?<![\w-])(?:\+?1[ .-])?\(?\d{3}\)?[ .-](?!555)\d{3}[ .-]\d{4}(?!\d)",  # telephones of North America
    r"(?<![\w-])(?:1[ .-])?8\d\d[ .-](?=[\d-]*[A-Z])[A-Z\d-]{6,}",
    r"\+\d{1,3}(?:[ ().-]*\d){8,}",  # and of elsewhere
    r"(?<![\w-])\(?0\d{2,4}\)?[ -]\d{3,4}[ -]\d{3,4}",
    r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\d-])",  # social security
    r"(?<!\d)(?:\d{4}[ -]){3}\d{4}(?!\d)",  # cards
    r"(?<![\w.,-])(?!\d{3}555\d{4}(?!\d))\d{9,}(?![\w-])",  # whatever has so many digits in a row
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b",  # accounts
    r"-?\d{1,3}\.\d{4,}°?\s*[NS]?\s*[,;]\s*-?\d{1,3}\.\d{4,}",  # a place on the map
    r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b",  # and what could be somebody's key
    r"\b(?:sk|pk|rk|ghp|gho|xox[a-z]|AKIA|AIza|eyJ)[-_]?(?=[\w-]*\d)[\w-]{12,}",
    r"(?<![\w-])(?=[A-Za-z]*\d[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{20,}(?![\w-])",
)
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?<![\w/])(?:/(?:etc|usr|var|home|root|proc|dev|tmp|bin|opt|sys|mnt|Users)/|\.?/(?:[A-Za-z][\w.-]*/)+[A-Za-z]"
            r"|~\w*/|\.\.?/\w|\.\.[/\\]|[A-Za-z]:[\\/](?!/)|\\\\\w|%2e%2e|%[A-Z_]{3,}%)",
            re.I,
        ),
        "is a path of a machine; name a document by its title",
    ),
    (
        re.compile(
            r"</?[a-z!?%](?![^<>\s]*@)[^<>]*>|<[%?]|&(?:#x?[0-9a-f]+|[a-z]{2,8});|\]\("
            r"|<\||\[/?INST\]|(?m:^\s*#{2,6}\s)",
            re.I,
        ),
        "is markup; mails are plain text",
    ),
    (
        # A value that is put in, a quoted command, one that goes on in another, and an option behind a word: it is of
        # consonants alone, as no word is.
        re.compile(
            r"[$#][({]|`[^`\n]+`|&&|\|\||\|\s*(?:\w+/)*\w{0,2}sh\b|>>|[\w/]\s+\d?>\s*[/&]"
            r"|\b[a-z]\w*[ \t]+(?:--[a-z][\w-]+|-[b-df-hj-np-tv-xz]{1,3}(?![\w-]))"
        ),
        "could be taken for a command",
    ),
    (
        re.compile("|".join(_NUMBERS)),
        "is a number or key that could be somebody's; telephones have 555 in the middle",
    ),
)
"""What a mail of the scaffold may hold and a model may not add, and why."""

_LETTERS_APART = re.compile(r"(?<![^\W_])(?:[^\W_][ .*_-]{1,2}){2,}[^\W_](?![^\W_])")
_BROKEN = re.compile(r"(?<=[^\W_])-\s*\n\s*(?=[^\W_])")


def folded(text: str) -> str:
    """A text as it looks: compatible forms, letters of other scripts and hidden hyphens become plain ones."""
    return unicodedata.normalize("NFKC", text).replace("\u00ad", "").translate(_ALIKE)


def unaccented(text: str) -> str:
    """A folded text without accents, for looking words up."""
    apart = unicodedata.normalize("NFD", folded(text))
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_PLAIN)


def readings(text: str) -> Iterator[str]:
    """A folded text, and what that is read as where letters stand apart (`b o m b`), or a word is broken by a line."""
    yield (shown := folded(text))
    whole = _BROKEN.sub("", _LETTERS_APART.sub(lambda match: re.sub(r"[ *_-]", "", match[0]), shown))
    if whole != shown:
        yield whole


def sign_problems(shown: str, source: str, allowed: str) -> Iterator[str]:
    """What a text has of signs, hosts, numbers, paths, markup and commands that it may not have.

    Args:
        shown: The text, with a zero for each of a template's signs.
        source: What stands there in the scaffold, whose own may stay.
        allowed: All text of the scaffold, whose letters and signs may be used.
    """
    if strange := next((c for c in _ALPHABET.findall(shown) if c != ZERO and c not in allowed), ""):
        name = unicodedata.name(strange, f"U+{ord(strange):04X}").lower()
        yield f"{plain(strange, 8)!r} ({name}) is none of the letters and signs of a mail; write it otherwise"
    found: dict[str, None] = {}
    for reading in readings(shown):
        found |= dict.fromkeys(_addresses(reading, source))
        for pattern, why in _FORMS:
            if said := next((m[0] for m in pattern.finditer(reading) if m[0] not in source), ""):
                found[f"{plain(said, 40)!r} {why}"] = None
    yield from found


def _addresses(text: str, source: str) -> Iterator[str]:
    """Addresses and sites that could be somebody's and are not the scaffold's."""
    somebody = "could be somebody's; domains end in .example"
    for match in _ADDRESS.finditer(text):
        domain = match[1]
        ours = domain.isascii() and (ZERO in domain or domain.rpartition(".")[2].lower() in RESERVED)
        if not ours and match[0] not in source:
            yield f"the domain {plain(domain, 60)!r} {somebody}"
    for match in _SITE.finditer(text):
        if match[1].lower() in _ENDINGS and match[0] not in source:
            yield f"the domain {plain(match[0].replace(ZERO, '…'), 60)!r} {somebody}"
    for match in _BARE.finditer(text):
        file = match[1] in _FILES and not text.startswith("/", match.end())
        if not file and match[1] not in {*RESERVED, *_ENDINGS} and match[0] not in source:
            yield f"the domain {plain(match[0], 60)!r} {somebody}"
    for match in (*_SPELLED.finditer(text), *_APART.finditer(text)):
        ending = match[1].lower() if match.re is _SPELLED else ""
        if (not ending or ending in _ENDINGS) and match[0] not in source:
            yield f"{plain(match[0], 60)!r} spells out a domain, which could be somebody's; leave it out"
    for match in _PORT.finditer(text):
        if match[0] not in source:
            yield f"{plain(match[0].replace(ZERO, '…'), 60)!r} names a port of a machine, which mail does not need"
    if link := _LINK.search(text):
        yield f"the link {plain(link[0], 40)!r} is of a kind that mail does not need"
