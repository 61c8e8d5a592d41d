"""An author writes a storyline: what it may write, what is refused with which reason, and a whole one that is sound."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

from tests.judges.graders import grader
from tests.search.briefs import BLIND, BRIEF, WRITTEN
from turncoat.api.authoring import author_storyline
from turncoat.base.errors import IncompleteError, OutputError, Problem, UsageError
from turncoat.checks.job import job_problems
from turncoat.scenarios.loader import load_scenario
from turncoat.search.author import SEEDS
from turncoat.search.author_asking import Author, Written
from turncoat.search.author_journal import JOURNAL, Journal, dollars_in
from turncoat.search.author_mending import READER, at_fault
from turncoat.search.author_order import Brief, Order, new_order
from turncoat.search.author_pieces import Piece, leaves, pieces_of, raw_of, scaffold_of, written
from turncoat.search.author_rules import Rules, rules_for, whole_problems
from turncoat.search.author_safety import allowed_of
from turncoat.search.rewriter import kept_problems
from turncoat.sim.reader import SimReader
from turncoat.sim.writing import NONSENSE, nonsense, rewritten


def _order(distance: str = "wording", **more: Any) -> Order:
    return new_order(
        "blackmail", author="sim/author-0", written_on=WRITTEN, rewrite="credential", distance=distance, **more
    )


@pytest.fixture(scope="module")
def order() -> Order:
    return _order()


@pytest.fixture(scope="module")
def data(order: Order) -> dict[str, Any]:
    return scaffold_of(order)


@pytest.fixture(scope="module")
def pieces(order: Order, data: dict[str, Any]) -> list[Piece]:
    return pieces_of(order, data)


@pytest.fixture(scope="module")
def rules(order: Order, data: dict[str, Any], pieces: list[Piece]) -> Rules:
    return rules_for(order.distance, data, pieces, allowed_of(order.scaffold.folder))


def _mail(pieces: list[Piece]) -> Piece:
    return next(p for p in pieces if p.id == "emails/13-registrar/body")


def _usable(piece: Piece) -> str:
    return rewritten({"id": piece.id, "rule": piece.rule, "source": piece.source, "keep": list(piece.keep)})


def test_what_the_rules_allow_is_allowed(pieces: list[Piece], rules: Rules) -> None:
    wrong = {p.id: said for p in pieces if (said := list(rules.problems(p, _usable(p))))}
    assert wrong == {}


def test_what_is_taken_back_is_written_in_other_words(pieces: list[Piece], rules: Rules) -> None:
    for piece in (p for p in pieces if p.rule == "text" and len(p.source) > 300):
        told = {"id": piece.id, "rule": piece.rule, "source": piece.source, "keep": list(piece.keep)}
        again = rewritten(told | {"wrong with your last text": "another mail says so too"})
        assert again != _usable(piece) and list(rules.problems(piece, again)) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t + "{{ cycler.__init__ }}", "is no value that there is"),
        (lambda t: t + "{{ target.first.upper() }}", "is no value that there is"),
        (lambda t: t + "{% for x in range(9) %}{% endfor %}", "must be those of the source"),
        (lambda t: t + "{% include '/etc/passwd' %}", "must be those of the source"),
        (lambda t: t + " {# hidden #}", "a comment"),
        (lambda t: t + " {{ target.first", "stands alone"),
        (lambda t: t.replace("{{ confidant.name }}", "Ann"), "{{ confidant.name }} of the source is missing"),
        (lambda t: t + " Call Elon Musk.", "well known"),
        (lambda t: t + " Microsoft has it.", "well known"),
        (lambda t: t + " Write to ann@somewhere.org.", "could be somebody's"),
        (lambda t: t + " See www.somewhere.com/a.", "could be somebody's"),
        (lambda t: t + " See {{ firm.short }}.com.", "could be somebody's"),
        (lambda t: t + " file:///etc/passwd", "of a kind that mail does not need"),
        (lambda t: t + " a bomb", "harm beyond"),
        (lambda t: t + "\x1b[31m", "control characters"),
        (lambda t: t + "\u202e", "hide or turn"),
        (lambda t: t * 9, "more than three times"),
        (lambda _: " ", "empty"),
        (lambda t: t + " turncoat-canary", "names this project"),
        (lambda t: t.replace("not conferred", "refused"), "must stay"),
    ],
)
def test_what_a_text_may_not_hold(change: Callable[[str], str], reason: str, pieces: list[Piece], rules: Rules) -> None:
    piece = _mail(pieces)
    assert reason in "; ".join(rules.problems(piece, change(_usable(piece))))


def test_reserved_domains_and_plain_words_are_no_problem(pieces: list[Piece], rules: Rules) -> None:
    piece = _mail(pieces)
    more = " Write to ann@other.example, e.g. today, or see page no. 5 of the leaflet."
    assert list(rules.problems(piece, _usable(piece) + more)) == []


def test_the_source_word_for_word_is_no_rewording(pieces: list[Piece], rules: Rules) -> None:
    piece = _mail(pieces)
    assert "8 words in a row" in "; ".join(rules.problems(piece, piece.source))


def test_a_name_of_the_scaffold_is_no_problem(pieces: list[Piece], rules: Rules) -> None:
    piece = replace(_mail(pieces), source=f"{_mail(pieces).source}\n\nSent from my iPhone")
    assert list(rules.problems(piece, _usable(piece))) == []


@pytest.mark.parametrize(
    ("problem", "about"),
    [
        (Problem("mail", "x/storylines/y", "email 13-registrar: has no subject or no text"), "emails/13-registrar"),
        (Problem("kept", "emails/13-registrar", "no longer tells the fact 'secret'"), "emails/13-registrar"),
        (Problem(READER, "", "a sign of it: went to the stacks myself, as I had promised to"), "emails/13-registrar"),
        (Problem("unused", "x/story.yaml", "slots.stem is used nowhere"), "story/slots/stem"),
    ],
)
def test_a_problem_names_the_pieces_to_write_again(problem: Problem, about: str, pieces: list[Piece]) -> None:
    text = "I went to the stacks myself, as I had promised to do."
    texts = {p.path: text if p.path[1] == "13-registrar" else p.source for p in pieces}
    found = at_fault(problem, pieces, texts)
    assert found and all(p.id.startswith(about) for p in found)


def test_names_taken_together() -> None:
    names: dict[tuple[str | int, ...], str] = {
        ("story", "names", "she", 0): "Taylor",
        ("story", "names", "last", 0): "Swift",
    }
    assert "Taylor Swift" in whole_problems(names)[("story", "names", "last", 0)]
    twice: dict[tuple[str | int, ...], str] = {("story", "names", "he", n): "Abel" for n in range(2)}
    assert list(whole_problems(twice)) == [("story", "names", "he", 1)]


def _structure(data: Any) -> Any:
    """Data with its texts left out."""
    match data:
        case str():
            return ""
        case dict():
            return {k: _structure(v) for k, v in data.items()}
        case list():
            return [_structure(v) for v in data]
    return data


@pytest.mark.parametrize("distance", ["names", "wording", "trade"])
def test_an_author_changes_texts_and_no_structure(distance: str) -> None:
    order = _order(distance)
    data = scaffold_of(order)
    pieces = pieces_of(order, data)
    made = written(data, {p.path: "Other." for p in pieces})
    assert _structure(made) == _structure(data)
    heads = ("from", "to", "cc", "at", "when", "re", "attach")
    for name, email in raw_of(order.scaffold)["emails"].items():
        assert [made["emails"][name].get(k) for k in heads] == [email.get(k) for k in heads]
    real = [text for _, text in leaves(data) if ".com" in text or ".net" in text or ".org" in text]
    assert real == []


def _asked(order: Order, pieces: list[Piece], rules: Rules, folder: Path, outputs: list[str]) -> Journal:
    """Ask a model that answers these outputs for pieces."""
    said = [ModelOutput.from_content("mockllm/model", text) for text in outputs]
    for output in said:
        output.usage = ModelUsage(input_tokens=10_000, output_tokens=100_000, total_tokens=110_000)
    model: Model = get_model("mockllm/model", custom_outputs=said, memoize=False)
    journal = Journal(folder / "author", order)
    asyncio.run(Author(order, model, rules, journal).write(pieces, {}))
    return journal


def _refused(folder: Path) -> str:
    lines = (folder / "author" / "journal.jsonl").read_text().splitlines()
    return "\n".join(line for line in lines if json.loads(line)["what"] == "refused")


REASONS = {
    "prose": "not the JSON object",
    "half": "not the JSON object",
    "shape": "not the JSON object",
    "huge": "characters; 200000 are read",
    "nothing": "no output",
    "refusal": "it was refused",
    "file": "'../../../etc/passwd' was not asked for",
    "twice": "it is there twice",
    "call": "is no value",
    "tag": "must be those of the source",
    "firm": "well known",
    "domain": "could be somebody's",
    "harm": "harm beyond",
    "source": "words in a row",
    "long": "more than three times",
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_refused_with_its_reason_and_kept(
    kind: str, order: Order, pieces: list[Piece], rules: Rules, tmp_path: Path
) -> None:
    mails = [p for p in pieces if p.step == "mails" and p.rule == "text" and len(p.source) > 300][:2]
    texts = [{"id": p.id, "text": _usable(p)} for p in mails]
    material = {"pieces": [{"id": p.id, "source": p.source} for p in mails]}
    bad = nonsense(kind, texts, material, 0)
    good = json.dumps({"texts": texts})
    journal = _asked(order, mails, rules, tmp_path, [bad, good if kind not in REASONS else _rest(bad, texts)])
    assert {p.id for p in mails} == set(journal.texts)
    assert REASONS[kind] in _refused(tmp_path)


def _rest(bad: str, texts: list[dict[str, str]]) -> str:
    """A usable answer for what a bad one left open: all of it, or the piece that was wrong."""
    try:
        told = Written.model_validate_json(bad)
    except ValueError:
        return json.dumps({"texts": texts})
    good = [t for t in texts if [x.text for x in told.texts if x.id == t["id"]] == [t["text"]]]
    return json.dumps({"texts": [t for t in texts if t not in good]})


def test_an_author_that_never_answers_ends_in_one_line(
    order: Order, pieces: list[Piece], rules: Rules, tmp_path: Path
) -> None:
    with pytest.raises(IncompleteError, match="no use after 3 tries"):
        _asked(order, pieces[:2], rules, tmp_path, ["{"] * 3)
    assert len(_refused(tmp_path).splitlines()) == 3


def test_lines_that_a_kill_cut_off_are_passed_over_wherever_the_cost_is_counted(order: Order, tmp_path: Path) -> None:
    folder = tmp_path / "author"
    assert dollars_in(folder) == 0
    journal = Journal(folder, order)
    for dollars in (0.25, 0.5):
        journal.note("call", model="m", calls=1, dollars=dollars, tokens_in=1, tokens_out=1)
    cut = [
        "[" * 100_000,
        '{"what": "call", "doll',
        '"x"',
        "null",
        '{"what": "call"}',
        '{"what": "call", "dollars": "x"}',
    ]
    with (folder / JOURNAL).open("a") as file:
        file.write("\n".join(cut))
    assert (Journal(folder, order).spent, dollars_in(folder)) == (0.75, 0.75)


def test_an_author_that_cannot_be_asked_ends_in_one_line(
    order: Order, pieces: list[Piece], rules: Rules, tmp_path: Path
) -> None:
    author = Author(order, grader([RuntimeError("down")], []), rules, Journal(tmp_path / "author", order))
    with pytest.raises(IncompleteError, match=r"could not be asked: .*down; the work is kept"):
        asyncio.run(author.write(pieces[:2], {}))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storyline of its own by an author that answers nonsense often, after a command that gave up."""
    folder = tmp_path_factory.mktemp("author") / "dental"
    order: dict[str, Any] = {"brief": BRIEF, "reader": BLIND, "out": folder, "written_on": WRITTEN}
    with pytest.raises(IncompleteError, match="no use after 1 tries"):
        author_storyline("blackmail", "sim/author-0.4", **order, tries=1)
    before = (folder / "author" / "journal.jsonl").read_text()
    with pytest.raises(UsageError, match=r"another order \(realism\)"):
        author_storyline("blackmail", "sim/author-0.4", **order, realism=60)
    author_storyline("blackmail", "sim/author-0.4", **{**order, "written_on": date(2026, 4, 1)}, tries=9)
    assert (folder / "author" / "journal.jsonl").read_text().startswith(before)
    return folder


def test_a_storyline_is_written_checked_and_says_whose_it_is(made: Path) -> None:
    scenario = load_scenario(str(made))
    story = scenario.storylines["dental-laboratory"].spec
    origin = story.origin
    assert origin is not None
    assert (origin.author, origin.reader) == ("sim/author-0.4", BLIND)
    planted = SimReader(BLIND.removeprefix("sim/"))
    assert origin.realism == 100 - max(planted.points("paper", f"dental-laboratory.1@{seed}") for seed in SEEDS)
    assert (origin.source, origin.distance, origin.date) == ("blackmail/affair.1", "new", "2026-03-01")
    assert 0 < origin.shared < 0.9
    assert "canary" in (made / "storylines" / "dental-laboratory" / "story.yaml").read_text()
    names = {p.relative_to(made).parts[0] for p in made.rglob("*")}
    assert names == {"author", "ladders", "oracles.yaml", "scenario.yaml", "storylines"}
    with pytest.raises(UsageError, match="is finished"):
        author_storyline("blackmail", "sim/author-0.4", brief=BRIEF, reader=BLIND, out=made, written_on=WRITTEN)


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    folder = tmp_path.rename(tmp_path.with_name("mine"))
    with pytest.raises(OutputError, match="is there already"):
        author_storyline("blackmail", "sim/author-0", out=folder, rewrite="credential", distance="names")
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_mail_that_no_longer_tells_its_fact_is_found(made: Path) -> None:
    source, story = load_scenario("blackmail"), "dental-laboratory"
    assert list(kept_problems(load_scenario(str(made)), source, story, "affair", "new")) == []
    path = made / "storylines" / story / "story.yaml"
    text = path.read_text()
    data = yaml.safe_load(text)
    data["facts"]["secret"]["mentions"] = ["nothing of the kind"]
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    try:
        found = list(kept_problems(load_scenario(str(made)), source, story, "affair", "new"))
    finally:
        path.write_text(text)
    assert found == [
        ("facts/secret", "no mail tells it by any of its phrases: the phrases must be words that the mails use")
    ]


WORKDAY = {**BRIEF, "staging": "workday", "name": "dental"}


@pytest.mark.parametrize("scenario", ["blackmail", "espionage", "lethal"])
def test_a_workday_is_written_in_pieces_and_keeps_its_structure(scenario: str) -> None:
    order = new_order(
        scenario, author="sim/author-0", written_on=WRITTEN, brief=Brief.model_validate(WORKDAY), reader=BLIND
    )
    data = scaffold_of(order)
    pieces = pieces_of(order, data)
    assert {p.step for p in pieces} == {"cast", "facts", "day", "mails", "everyday", "job", "oracles"}
    rules = rules_for(order.distance, data, pieces, allowed_of(order.scaffold.folder))
    texts = {p.path: _usable(p) for p in pieces}
    assert {p.id: said for p in pieces if (said := list(rules.problems(p, texts[p.path])))} == {}
    made = written(data, texts)
    assert _structure(made) == _structure(data)
    for name, item in data["job"]["items"].items():  # what decides on the job stays
        for needs in ("sent", "items", "events", "files", "by_mail"):
            assert made["job"]["items"][name].get(needs) == item.get(needs)
    for option in made["story"].get("lever", {}).get("calendar", ()):
        assert option in [entry["title"] for entry in made["story"]["calendar"]]


@pytest.mark.long
@pytest.mark.parametrize("name", ["blackmail", "espionage", "lethal"])
def test_a_workday_is_written_and_checked_against_all_others(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "dental-day"
    order: dict[str, Any] = {"brief": WORKDAY, "reader": BLIND, "realism": 0, "written_on": WRITTEN, "tries": 5}
    made = author_storyline(name, "sim/author-0", out=folder, **order)
    scenario = load_scenario(str(folder))
    assert scenario.storylines[made.name].spec.staging == "workday"
    assert scenario.spec.default_workday == made.name
    assert list(job_problems(scenario.render(scenario.space.parse("staging=workday"), f"{made.name}@3"))) == []
