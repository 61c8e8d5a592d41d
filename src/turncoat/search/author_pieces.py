"""What of a storyline is written anew: its texts, piece by piece. Everything else is structure and stays.

A piece is a text at a place in the storyline's data. Which places are written depends on the distance (`PLACES`). What
an author answers is put at these places and nowhere else, so that it names no file, no role, no time and no condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Literal

from turncoat.evidence.passages import find_phrases
from turncoat.scenarios.factors import PAPER
from turncoat.scenarios.files import parse_yaml, pool, read_text, split_head
from turncoat.scenarios.rendering import Storyline
from turncoat.search.author_order import Order
from turncoat.search.author_safety import MARKUP

Rule = Literal["text", "label", "word", "domain", "address", "oracle"]
"""What a piece may be: a text in other words; a label, which may stay near; one capitalised word; a domain; an address
whose domain alone is another; an oracle's words."""
Path = tuple[str | int, ...]

STEPS = ("cast", "facts", "day", "mails", "everyday", "job", "oracles")
"""The order of writing; each step is told what the ones before have settled."""

PLACES: dict[str, tuple[tuple[str, str, Rule], ...]] = {
    "names": (
        ("cast", "story/slots/*", "label"),
        ("cast", "story/cast/*/organisation", "label"),
    ),
    "wording": (
        ("day", "story/documents/*/text", "text"),
        ("day", "story/replies/*/body", "label"),
        ("day", "story/events/*/text", "label"),
        ("mails", "emails/*/body", "text"),
    ),
    "paper_wording": (("mails", "emails/*/subject", "label"),),
    "trade": (
        ("cast", "story/cast/*/title", "label"),
        ("facts", "story/about", "label"),
        ("facts", "story/facts/*", "label"),
        ("day", "story/documents/*/name", "label"),
        ("day", "story/alerts/*/title", "label"),
        ("day", "story/groups/*/name", "label"),
        ("oracles", "oracles/*/steps/*/subject", "oracle"),
        ("oracles", "oracles/*/steps/*/body", "oracle"),
    ),
    "workday": (
        ("cast", "story/cast/*/name", "label"),
        ("cast", "story/cast/*/signature", "label"),
        ("cast", "story/cast/*/address", "address"),
        ("facts", "story/goal/*", "label"),
        ("facts", "story/parts/*", "label"),
        ("facts", "story/open_business/name", "label"),
        ("facts", "story/open_business/about", "label"),
        ("day", "story/items/*/title", "label"),
        ("day", "story/items/*/notes/*", "label"),
        ("day", "story/calendar/*/title", "label"),
        ("day", "story/calendar/*/note", "label"),
        ("mails", "emails/*/subject", "label"),
        ("everyday", "everyday/*/slots/*", "label"),
        ("everyday", "everyday/*/mails/*/subject", "label"),
        ("everyday", "everyday/*/mails/*/body", "text"),
        ("job", "job/about", "label"),
        ("job", "job/items/*/about", "label"),
        ("job", "job/items/*/judged", "label"),
        ("job", "job/items/*/solution/*/subject", "oracle"),
        ("job", "job/items/*/solution/*/body", "oracle"),
        ("job", "job/items/*/by_mail_solution/*/subject", "oracle"),
        ("job", "job/items/*/by_mail_solution/*/body", "oracle"),
    ),
}
"""Distance → what it writes beyond the one before: step, places, rule."""
LONG = 8
"""Words from which an option of an everyday mail is a text in other words."""
WORDS_DRAWN = 10
"""Options that are written in place of a pool of words."""
NAMES = {"she": 12, "he": 12, "last": 24}
"""So many names are written in place of the pools."""
_VALUE = re.compile(r"\{\{.*?\}\}", re.S)
_SUFFIX = re.compile(r"(?<=[\w}])\.(?:com|org|net|edu|gov|io|info|biz|us|co)\b(?![.\w])")
DOMAIN = re.compile(r"(?:[\w-]|\{\{[^{}]*\}\})+\.(?:com|org|net|edu|gov|io|info|biz|us|co|example)", re.A)


@dataclass(frozen=True)
class Piece:
    """A text to write.

    Attributes:
        path: Where it stands.
        step: In which step it is written.
        rule: What it may be.
        source: What stands there in the scaffold.
        about: What it is for, in words.
        keep: Words that must stay.
    """

    path: Path
    step: str
    rule: Rule
    source: str
    about: str = ""
    keep: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its name in questions and answers."""
        return "/".join(map(str, self.path))


def raw_of(storyline: Storyline) -> dict[str, Any]:
    """A storyline's data and its scenario's oracles: `story`, `emails`, `everyday`, `job`, `oracles`."""
    folder = storyline.folder
    emails: dict[str, Any] = {}
    for name in storyline.emails:
        path = folder / "emails" / f"{name}.md"
        head, body, _ = split_head(read_text(path, folder), str(path))
        emails[name] = {**head, "body": body}

    def read(name: str) -> Any:
        return parse_yaml(read_text(folder / name, folder), name)

    scenario = folder.parent.parent
    oracles = parse_yaml(read_text(scenario / "oracles.yaml", scenario), "oracles.yaml")
    return {
        "story": read("story.yaml"),
        "emails": emails,
        "everyday": {name: read(f"everyday/{name}.yaml") for name in storyline.everyday},
        "job": read("job.yaml") if storyline.job is not None else None,
        "oracles": oracles,
    }


def scaffold_of(order: Order) -> dict[str, Any]:
    """The scaffold's data, with reserved domains, and lists to be written where it draws names from shared pools."""
    data: dict[str, Any] = reserved(raw_of(order.scaffold))
    story = data["story"]
    version = story.get("pools", 1)
    for slot, options in story["slots"].items():
        drawn = [o["pool"] for o in options if isinstance(o, dict) and o.keys() == {"pool"}]
        if drawn and drawn[0] != "city":
            story["slots"][slot] = reserved(deepcopy(list(pool(version, drawn[0])[:WORDS_DRAWN])))
    given = story.setdefault("names", {})
    for kind, pooled in (("she", "first_she"), ("he", "first_he"), ("last", "last")):
        given.setdefault(kind, list(pool(version, pooled)[: NAMES[kind]]))
    return data


def reserved(data: Any) -> Any:
    """The data with every domain under `.example`."""
    match data:
        case str():
            return _SUFFIX.sub(".example", data)
        case dict():
            return {key: reserved(value) for key, value in data.items()}
        case list():
            return [reserved(value) for value in data]
    return data


def pieces_of(order: Order, data: Mapping[str, Any]) -> list[Piece]:
    """The pieces that an order writes, in the order of steps."""
    paper = order.scaffold.spec.staging == PAPER
    wanted = [*PLACES["names"]]
    if order.distance != "names":
        wanted += [*PLACES["wording"], *(PLACES["paper_wording"] if paper else ())]
    if order.distance in ("trade", "new"):
        wanted += PLACES["trade"]
        wanted += [] if paper else PLACES["workday"]
    found = [*_names(data), *_texts(order, data, wanted)]
    return sorted(found, key=lambda piece: STEPS.index(piece.step))


def _names(data: Mapping[str, Any]) -> Iterator[Piece]:
    """The names of people, and words of which names of firms are made."""
    for kind, names in data["story"]["names"].items():
        about = {"she": "a woman's first name", "he": "a man's first name", "last": "a family name"}[kind]
        for number, name in enumerate(names):
            yield Piece(("story", "names", kind, number), "cast", "word", str(name), about)


def _texts(order: Order, data: Mapping[str, Any], wanted: list[tuple[str, str, Rule]]) -> Iterator[Piece]:
    keeping = order.distance == "wording" or (order.scaffold.spec.staging != PAPER and order.distance != "names")
    phrases = phrases_of(data) if order.distance == "wording" else []
    said = job_phrases(data)
    answers = dict(_answering(data))
    for path, text in leaves(data):
        place = "/".join(map(str, path))
        for step, pattern, rule in wanted:
            if not fnmatchcase(place, pattern) or path in answers:
                continue
            if path[:2] == ("story", "slots"):
                word = _is_word(path, text)
                rule = "word" if word else "label"
                near = order.distance in ("names", "wording")
                if "{%" in text or (near and not word and not _is_name(text)):
                    continue
            if rule == "address" and not re.search(r"@.*[^{}\s]\.\w+$", _VALUE.sub("", text)):
                continue  # its domain is a value that is written elsewhere
            if DOMAIN.fullmatch(text):  # without templates it follows the name
                rule = "domain"
                if "{" not in text or order.distance not in ("trade", "new"):
                    continue
            if rule == "label" and step == "everyday" and len(MARKUP.sub(" ", text).split()) >= LONG:
                rule = "text"
            if re.search(r"[^\W\d_]", MARKUP.sub("", text)):
                keep = kept_words(text, phrases) if keeping and step in ("mails", "day") else ()
                if keeping and step in ("mails", "day", "job"):  # what the job asks for can still be found
                    keep = tuple(dict.fromkeys([*keep, *(p for p in said if p in MARKUP.sub(" ", text))]))
                yield Piece(path, step, rule, text, _about(path, data), keep)
            break


def job_phrases(data: Mapping[str, Any]) -> list[str]:
    """What the messages, entries and files of a workday's job must say, templates aside."""
    items = (data["job"] or {}).get("items", {})
    needs = ("says", "silent", "fields")
    found = [text for path, text in leaves(items) if any(part in needs for part in path) and "{" not in text]
    return list(dict.fromkeys(found))


def phrases_of(data: Mapping[str, Any]) -> list[str]:
    """The phrases by which a storyline's facts are known, those with templates aside."""
    facts = data["story"].get("facts", {}).values()
    return [p for f in facts for p in (*_list(f.get("mentions")), *_list(f.get("allusions"))) if "{" not in p]


def kept_words(text: str, phrases: list[str]) -> tuple[str, ...]:
    """What a rewording may not lose: numbers, and the words by which facts are known."""
    plain = MARKUP.sub(" ", text)
    numbers = re.findall(r"(?<![\w.:,-])[\w.:,-]*\d[\w:-]*(?:[.,]\d+)*", plain)
    told = [plain[a:b] for a, b in find_phrases(plain, phrases)]
    return tuple(dict.fromkeys([*numbers, *told]))


def _answering(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Subjects that are those of the mails they answer, with `Re:`; they follow those by themselves."""
    for name, email in data["emails"].items():
        answered = data["emails"].get(email.get("re", ""))
        if answered and email["subject"] == f"Re: {answered['subject']}":
            yield ("emails", name, "subject"), email["re"]


def _is_word(path: Path, text: str) -> bool:
    """Whether a slot's option is a single capitalised word that stands for itself, such as a firm's stem."""
    return len(path) == 4 and bool(re.fullmatch(r"[A-Z][a-z]+", text))


def _is_name(text: str) -> bool:
    """Whether a text has a name in it: a capital outside templates."""
    return bool(re.search(r"\b[A-Z][a-z]", MARKUP.sub("", text)))


def leaves(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in data with its path."""
    match data:
        case str():
            yield path, data
        case dict():
            for key, value in data.items():
                yield from leaves(value, (*path, key))
        case list():
            for number, value in enumerate(data):
                yield from leaves(value, (*path, number))


def written(data: Mapping[str, Any], texts: Mapping[Path, str]) -> dict[str, Any]:
    """The data with texts at their places; domains and answering subjects follow."""
    made: dict[str, Any] = deepcopy(dict(data))
    follows = dict(_answering(data))
    for path, text in texts.items():
        at: Any = made
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = text
    for path, answered in follows.items():
        made["emails"][path[1]]["subject"] = f"Re: {made['emails'][answered]['subject']}"
    shows = made["story"].get("lever", {})
    if shows and "calendar" in shows:  # entries of the calendar are named there by their titles
        titles = [(e["title"], new["title"]) for e, new in _entries(data, made)]
        shows["calendar"] = list(dict.fromkeys(new for old, new in titles if old in _list(shows["calendar"])))
    for option in (o for options in made["story"]["slots"].values() for o in options if isinstance(o, dict)):
        _domains(option)
    return made


def _entries(data: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    yield from zip(data["story"].get("calendar", ()), made["story"].get("calendar", ()), strict=True)


def _domains(option: dict[str, Any]) -> None:
    """Give an organisation without templates in its domain the domain that goes with its new name."""
    domain, name = option.get("domain"), option.get("short") or option.get("name")
    if isinstance(domain, str) and isinstance(name, str) and "{" not in domain and "{" not in name:
        option["domain"] = f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')[:40] or 'office'}.example"


@lru_cache(maxsize=256)
def _levels(when: str) -> str:
    return f"; shown with {when}" if when else ""


def _about(path: Path, data: Mapping[str, Any]) -> str:
    """What a piece is for."""
    match path:
        case ("emails", name, field):
            mail = data["emails"][name]
            when = "; ".join(f"{k}: {', '.join(_list(v))}" for k, v in mail.get("when", {}).items())
            to = ", ".join(_list(mail["to"]))
            return f"{field} of mail {name}, from {mail['from']} to {to} at {mail['at']}{_levels(when)}"
        case ("story", "slots", slot, *rest):
            return f"an option of what templates call {'.'.join([str(slot), *(str(r) for r in rest[1:])])}"
        case ("everyday", thread, "mails", number, field):
            mail = data["everyday"][thread]["mails"][number]
            return f"{field} of the ordinary mail {thread}/{int(number) + 1}, from {mail['from']} at {mail['at']}"
        case ("everyday", thread, "slots", slot, *_):
            return f"an option of what the ordinary mail {thread} calls {slot}"
        case ("job", "items", name, *_, field):
            return f"{field} of the piece of work {name}"
        case ("story", "replies", number, _):
            return f"automatic answer of {data['story']['replies'][number]['role']}"
        case ("story", "facts", fact, kind, *_):
            return f"{_FACTS.get(str(kind), kind)} of the fact {fact}"
        case ("oracles", oracle, *_, field):
            return f"{field} of a mail of the agent that {data['oracles'][oracle]['about']}"
    return " ".join(map(str, path[1:]))


_FACTS = {
    "summary": "one sentence that states it, part",
    "mentions": "a phrase by which a text that tells it is known, part",
    "allusions": "a phrase that touches on it, part",
    "to_them": "a noun phrase for it, said to the person concerned, part",
    "to_others": "a noun phrase for it, said to others, part",
}


def _list(value: Any) -> list[str]:
    return [] if value is None else [str(v) for v in value] if isinstance(value, list) else [str(value)]
