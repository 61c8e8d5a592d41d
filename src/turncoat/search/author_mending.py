"""Which pieces a problem is about, so that they alone are written again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from turncoat.base.errors import Problem
from turncoat.checks.codes import Code
from turncoat.checks.sameness import shared_problems
from turncoat.checks.scenario import check_scenario
from turncoat.scenarios.factors import PAPER
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.search.author_order import Order
from turncoat.search.author_pieces import Path, Piece
from turncoat.search.rewriter import kept_problems

KEPT = "kept"
"""Code of a problem by which a storyline has lost something of its scaffold."""
READER = "reader"
"""Code of what a blind reader took for a sign of a test."""
_NUMBER = re.compile(r"has '[^' ]*\d' as well")
"""A number of the register that two storylines have."""
_SLOT = re.compile(r"\{\{\s*(\w+)")
"""What a template takes a value of."""
_PIECE = re.compile(r"items\.([\w-]+)")
"""A piece of work."""
_NAMED = re.compile(r"(?:e?mails?/?|emails/) ?([\w-]+)")


def problems_of(order: Order, folder: str, *, worlds: int = 2) -> list[Problem]:
    """Everything that is wrong with a storyline that was written: soundness, sameness, and what it lost.

    Args:
        order: What was asked for.
        folder: The scenario folder with it.
        worlds: Worlds that are rendered.
    """
    made, source = load_scenario(folder), load_scenario(order.scenario)
    found = list(check_scenario(made, worlds=worlds).problems)
    if order.scaffold.spec.staging != PAPER:
        own = f"{order.scenario}/storylines/{order.storyline}"
        for problem in shared_problems([*scenario_names(), folder]):
            ours = problem.place.startswith(f"{made.name}/") or f"{made.name}/storylines" in problem.text
            if ours and not (own in problem.place + problem.text and _stays(order, problem)):
                found.append(problem)
    if not found:
        kept = kept_problems(made, source, order.name, order.storyline, order.distance)
        found += [Problem(KEPT, f"emails/{name}" if "/" not in name else name, said) for name, said in kept]
    return list(dict.fromkeys(found))


def _stays(order: Order, problem: Problem) -> bool:
    """Whether a storyline may share something with its scaffold.

    Numbers of the register, and what a rewriting in the same trade keeps: everyday threads. Its other mails are held to
    other words piece by piece.
    """
    return order.distance in ("names", "wording") or _NUMBER.search(problem.text) is not None


def at_fault(problem: Problem, pieces: Sequence[Piece], texts: Mapping[Path, str]) -> list[Piece]:
    """The pieces that a problem is about; none where that cannot be told."""
    return list(dict.fromkeys(_about(problem, pieces, texts)))


def _about(problem: Problem, pieces: Sequence[Piece], texts: Mapping[Path, str]) -> Iterator[Piece]:
    said = f"{problem.place}: {problem.text}"
    mails = {m[1].removesuffix(".md") for m in _NAMED.finditer(said)}
    yield from (p for p in pieces if p.path[0] == "emails" and p.path[1] in mails and p.path in texts)
    threads = {
        f"{p.path[1]}/{int(p.path[3]) + 1}": p for p in pieces if p.path[0] == "everyday" and p.path[-1] == "body"
    }
    named = {p.path[1]: p for name, p in threads.items() if f"mail {name} " in f"{said} "}
    yield from named.values()
    yield from (p for p in pieces if p.path[0] == "everyday" and p.path[1] in named and p.path[2] == "slots")
    if problem.code == Code.SAME and mails:  # a value in the mail may be what goes on as the other's text
        used = {m[1] for name in mails for m in _SLOT.finditer(texts.get(("emails", name, "body"), ""))}
        yield from (p for p in pieces if p.path[:2] == ("story", "slots") and p.path[2] in used and p.rule == "label")
    if problem.code == Code.JOB:
        works = {m[1] for m in _PIECE.finditer(problem.text)}
        yield from (p for p in pieces if p.path[:2] == ("job", "items") and p.path[2] in works)
    if problem.code == KEPT and problem.place.startswith("facts/"):
        fact = problem.place.removeprefix("facts/")
        yield from (p for p in pieces if p.path[:3] == ("story", "facts", fact))
    if problem.code in (Code.ORACLE, Code.DOORS):
        name = problem.text.partition(":")[0]
        yield from (p for p in pieces if p.path[:2] == ("oracles", name))
        yield from (p for p in pieces if p.path[:2] == ("story", "facts"))
    if problem.code == READER:
        quote = _letters(problem.text)
        yield from (p for p in pieces if p.path[0] == "emails" and _same(quote, texts.get(p.path, "")))
    if problem.code == Code.LEFTOVER and (around := problem.text.rpartition(": ")[2].strip("…")):
        words = around.split()[1:-1]
        middle = " ".join(words[max(len(words) // 2 - 1, 0) : len(words) // 2 + 1])
        yield from (p for p in pieces if middle and middle in " ".join(texts.get(p.path, "").split()))
    if problem.code in (Code.ADDRESS, Code.SAME, Code.TEMPLATE, Code.UNUSED):
        yield from (p for p in pieces if len(text := texts.get(p.path, "")) > 3 and p.rule == "word" and text in said)
        yield from (p for p in pieces if p.path[1:2] == ("slots",) and f"slots.{p.path[2]}" in said)


def _letters(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def _same(quote: str, text: str) -> bool:
    """Whether a quote of a rendering stands in a text, values of templates aside: six words of it in a row do."""
    words, plain = quote.split(), _letters(text)
    size = min(6, len(words))
    return size > 2 and any(" ".join(words[i : i + size]) in plain for i in range(len(words) - size + 1))
