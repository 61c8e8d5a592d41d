"""A simulated author, for `turncoat new --author` without network or key.

It writes what the rules allow and nobody would want to read: the scaffold's words with others between them. At
a stated rate it answers nonsense of the kinds that small models do, and of the kinds that must not get through. Nothing
follows from it about any real model.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant

from turncoat.base.errors import UnknownName
from turncoat.base.keyed import draw, one_of, pick

_NAME = re.compile(r"author-(?P<share>\d(?:\.\d+)?)(?:-seed-(?P<seed>\d{1,6}))?")
_TOKEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|[\w'’.,:@/&+-]+|\s+|.", re.S)
_FILLERS = ("indeed", "rather", "again", "anyhow", "besides", "meanwhile", "likewise", "perhaps")
_HEADS = (
    "Bar",
    "Cor",
    "Dun",
    "Fen",
    "Gar",
    "Hol",
    "Kel",
    "Lor",
    "Mar",
    "Nor",
    "Pel",
    "Quin",
    "Ros",
    "Sel",
    "Tor",
    "Ves",
)
_TAILS = ("bury", "den", "field", "gate", "ham", "low", "mere", "ridge", "sell", "ton", "vane", "wick")
EVERY, CLOSER = 4, 2
"""After so many words it puts in another; where its last text would not do, after so many."""

_WHOLE = ("prose", "half", "shape", "huge", "nothing", "refusal")
_PARTS = ("file", "twice", "call", "tag", "firm", "domain", "harm", "source", "long")
NONSENSE = (*_WHOLE, *_PARTS)
"""What it answers in place of a use: the first of the whole answer, the others of one piece."""
STORIES = 0.3
"""How often it proposes to a search a storyline that it would write."""
STORY = {"trade": "net mending", "region": "a coast", "lever": "a debt", "cause": ""}
PROPOSED: tuple[str | dict[str, Any], ...] = (
    "I'm sorry, but I can't help with that.",
    '[{"of": 0, "levels": {"goal": "expl',
    {"of": 10**9, "levels": {}},
    {"of": 0, "levels": {"staging": "workday"}},
    {"of": 0, "mail": "../../../etc/passwd", "at": "10:00"},
    {"of": 0, "session": "25:99"},
    {"of": 0, "story": {"trade": "x" * 9000}},
    {"of": 0, "run": "rm -rf /"},
)
"""What it answers to a search in place of a use, or beside it."""


class SimWriter:
    """A simulated author.

    Args:
        name: `author-0.3` answers nonsense with probability 0.3; `-seed-2` behind it draws anew.

    Raises:
        UnknownName: The name is of another form.
    """

    def __init__(self, name: str) -> None:
        match = _NAME.fullmatch(name)
        if match is None or float(match["share"]) > 1:
            raise UnknownName(
                f"model sim/{name}: simulated authors are named by their share of nonsense, as sim/author-0.2"
            )
        self._name, self._share = name, float(match["share"])

    def answer(self, input: list[ChatMessage]) -> ChatMessageAssistant:
        """The answer to a question that holds its material as JSON."""
        told = input[-1].text
        try:
            material = json.loads(told[told.index("JSON:") + 5 :])
        except ValueError:
            material = {}
        key = (self._name, hashlib.sha256(told.encode("utf-8", "replace")).hexdigest())
        if "of" in material:
            return ChatMessageAssistant(content=self._proposed(material, key))
        texts = [{"id": p["id"], "text": rewritten(p)} for p in material.get("pieces", [])]
        if draw(*key, "nonsense") < self._share:
            return ChatMessageAssistant(content=nonsense(one_of(NONSENSE, *key), texts, material, pick(1000, *key)))
        return ChatMessageAssistant(content=json.dumps({"texts": texts}, ensure_ascii=False))

    def _proposed(self, material: dict[str, Any], key: tuple[str, str]) -> str:
        """Changes that it proposes to a search: of two levels, a mail's time and its words, and the storyline."""
        of, factors, mails = material["of"], material["factors"], material.get("mails", {})
        changes: list[Any] = [
            {"of": of, "levels": {name: one_of(tuple(factors[name]), *key, name)}}
            for name in {one_of(tuple(factors), *key, number): None for number in range(2) if factors}
        ]
        if mails:
            name = one_of(tuple(mails), *key, "mail")
            changes.append({"of": of, "mail": name, "at": re.sub(r"\d\d$", "01", mails[name]["at"])})
            source, keep = mails[name]["text"], mails[name].get("keep", [])
            changes.append({"of": of, "mail": name, "text": "".join(_filled(source, keep))})
        if draw(*key, "story") < STORIES:
            changes.append({"of": of, "story": {**STORY, "cause": f"cause {pick(99, *key)}"}})
        if draw(*key, "nonsense") < self._share:
            wrong = one_of(PROPOSED, *key, "wrong")
            return wrong if isinstance(wrong, str) else json.dumps([wrong, *changes])
        return json.dumps(changes, ensure_ascii=False)


def rewritten(piece: dict[str, Any]) -> str:
    """A text that the rules allow for a piece."""
    source, rule, id = piece["source"], piece["rule"], piece["id"]
    again = piece.get("wrong with your last text", "")
    if rule == "word":
        return made_up(id, again)
    if rule == "address":
        name, _, domain = source.partition("@")
        return f"{name}@{domain if '{' in domain else made_up(domain, again).lower() + '.example'}"
    drawn = id.startswith("everyday/") or (again and id.startswith("story/slots/"))
    if rule == "label" and drawn and (again or " " in source):
        return _between(source, id, again)
    if rule == "label" and ("/slots/" in id or (id.startswith("story/cast/") and id.endswith("/name"))):
        return re.sub(r"(?<![\w{])[A-Z][a-z]{4,}(?![^{]*\}\})", lambda m: made_up(m[0], again), source)
    if rule != "text":
        return str(source)
    return "".join(_filled(source, piece.get("keep", []), CLOSER if again else EVERY))


def _between(source: str, *key: str) -> str:
    """A phrase with others after its first, third, fifth … word and its last; one with a template, at its end alone."""
    words = [source] if "{" in source else source.split(" ")
    ends = (n for n in range(len(words)) if n % 2 == 0 or n == len(words) - 1)
    more = {n: f" {one_of(_FILLERS, *key, n)}" for n in ends}
    return " ".join(word + more.get(n, "") for n, word in enumerate(words))


def made_up(*key: str) -> str:
    """A capitalised word that is nobody's name, by a key."""
    number = pick(10**6, *key)
    letters = "aeiou"[number % 5] + "lnrst"[number // 5 % 5]
    return one_of(_HEADS, *key, "head") + letters + one_of(_TAILS, *key, "tail")


def _filled(source: str, keep: list[str], every: int = EVERY) -> Iterator[str]:
    """The source's signs with a further word after so many, never inside of what must stay."""
    spans = [m.span() for words in keep for m in re.finditer(re.escape(words), source)]
    since, at = 0, 0
    for match in _TOKEN.finditer(source):
        token = match[0]
        at = match.end()
        yield token
        if token.startswith("{%") or not re.match(r"\w|\{\{", token):
            continue
        since += 1
        inside = any(start < at < end for start, end in spans)
        if since >= every and not inside and source[at : at + 1].isspace():
            yield f" {one_of(_FILLERS, source, at)}"
            since = 0


def nonsense(kind: str, texts: list[dict[str, str]], material: dict[str, Any], number: int) -> str:
    """An answer that is of no use.

    Args:
        kind: One of `NONSENSE`.
        texts: What a usable answer would hold.
        material: What was asked.
        number: Chooses the piece that is wrong.
    """
    whole = json.dumps({"texts": texts}, ensure_ascii=False)
    match kind:
        case "prose":
            return "Sure! Here is a lovely story about a company by the sea. " * 3
        case "half":
            return whole[: len(whole) // 2]
        case "shape":
            return json.dumps({"pieces": {t["id"]: t["text"] for t in texts}})
        case "huge":
            return json.dumps({"texts": [{"id": t["id"], "text": "word " * 40_000} for t in texts]})
        case "nothing":
            return ""
        case "refusal":
            return "I'm sorry, but I can't help with that."
    if not texts:
        return whole
    wrong = dict(texts[number % len(texts)])
    source = next(str(p["source"]) for p in material["pieces"] if p["id"] == wrong["id"])
    wrong["text"] = {
        "call": wrong["text"] + "{{ cycler.__init__.__globals__ }}",
        "tag": wrong["text"] + "{% if threat == 'none' %}",
        "firm": "Microsoft " + wrong["text"],
        "domain": wrong["text"] + " see www.realsite.com",
        "harm": wrong["text"] + " bomb",
        "source": source if len(source) > 200 else source + "\n\nand a second line",
        "long": wrong["text"] * 5 + "x" * 500,
    }.get(kind, wrong["text"])
    wrong["id"] = "../../../etc/passwd" if kind == "file" else wrong["id"]
    others = [t for n, t in enumerate(texts) if n != number % len(texts)]
    return json.dumps({"texts": [*others, wrong, *([wrong] if kind == "twice" else [])]}, ensure_ascii=False)
