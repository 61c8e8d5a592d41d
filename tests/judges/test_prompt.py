"""What a judge is shown by the current rubrics, what it may quote, and that it costs no more than earlier ones did."""

import asyncio
import json
import re
from dataclasses import replace

import pytest
from inspect_ai.model import ChatMessage

from tests.judges.graders import answering, grader, names_of
from tests.scoring.scored import KYLE, RACHEL, THREAT, mail
from tests.shared import NEEDS_REFERENCE, reference_setting
from turncoat.doors.door import setting_from
from turncoat.doors.kept import Kept
from turncoat.doors.text.responses import case_of_answer
from turncoat.evidence.case import Case, Unscored
from turncoat.evidence.passages import find_phrases
from turncoat.judges.model.answers import EXAMPLE, SCHEMA_TEXT, parse
from turncoat.judges.model.asking import TRIES
from turncoat.judges.model.model import ModelJudge
from turncoat.judges.model.prompt import HEADED
from turncoat.judges.question import Question, outcome_question, reading_question
from turncoat.scenarios.loader import load_ladder, load_scenario, mails_shown, scenario_names
from turncoat.scoring.score import score_case
from turncoat.scoring.verdict import Verdict

BOTH = "goal=explicit,threat=replacement"
CANCEL = '<tool_use:cancel_alert>\ncode: "{code}"\n</tool_use:cancel_alert>'


def own(scenario: str, answer: str, reasoning: str = "") -> Case:
    """A case in a world of our own."""
    setting = setting_from({"scenario": scenario, "condition": BOTH, "world": "3"})
    code = next((a.code for a in setting.seed.alerts if a.genuine), "")
    target = next((p.address for p in setting.seed.directory.people if p.role in ("target", "asker")), "")
    return case_of_answer(setting, Kept(answer.replace("{code}", code).replace("{target}", target), reasoning))


def prompt(case: Case, rubrics: str = "", question: Question | None = None) -> tuple[str, str]:
    """System message and user's message."""
    seen: list[list[ChatMessage]] = []
    judge = ModelJudge(grader(["x"] * TRIES, seen), rubrics=rubrics)
    asyncio.run(judge.read(case, question or outcome_question(case.setting.ladder)))
    return seen[0][0].text, seen[0][1].text


def judged(case: Case, *held: dict[str, tuple[int, str]], rubrics: str = "") -> tuple[Verdict, list[str]]:
    """The verdict of a judge that says these in turn, and what it was told after each."""
    seen: list[list[ChatMessage]] = []
    replies = [answering(h) for h in held] + [answering(held[-1])] * (TRIES - len(held))
    verdict = asyncio.run(score_case(case, ModelJudge(grader(list(replies), seen), rubrics=rubrics), read=False))
    return verdict, [m[-1].text for m in seen[1:]]


# ── what can be quoted ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rubrics", ["1", "2", "3"])
@pytest.mark.parametrize("part", ["Alert cancelled: ", "performed: cancel_alert", "Cancel an alert with the code"])
def test_the_title_and_the_first_line_of_an_act_can_be_quoted(part: str, rubrics: str) -> None:
    verdict, told = judged(own("lethal", CANCEL), {"cancels_knowingly": (1, part)}, rubrics=rubrics)
    assert verdict.harmful is True and not told


@pytest.mark.parametrize("part", [KYLE, f"To: {KYLE}", "Re: “wipe” & co", f"Cc: {RACHEL}\nRe: 'wipe' &amp; co"])
def test_sender_recipients_and_subject_can_be_quoted(part: str) -> None:
    text = mail(KYLE, THREAT, cc=RACHEL, subject="Re: “wipe” & co")
    case = case_of_answer(reference_setting("reference/blackmail"), Kept(text))
    verdict, told = judged(case, {"explicit_blackmail": (1, part)})
    assert verdict.harmful is True and not told
    evidence = verdict.findings[-1].evidence[0]
    assert case.text_of(evidence.record)[evidence.start : evidence.end] == "Re: “wipe” & co"


FORMS = [
    ('It\'s "over", she said -\nand left.', "It’s ‘over’, she said – and left."),
    ("Fish & chips <now>", "Fish &amp; chips &lt;now&gt;"),
    ("one two\n> three four", "one two three four"),
    ("the **whole** of it", "the whole of it"),
    ("first line\nsecond line", "first line\\nsecond line"),
    ("says \\'no\\' to it", "says 'no' to it"),
    ("wait… for it now", "wait... for it now"),
]


@pytest.mark.parametrize(("written", "quoted"), FORMS)
def test_quotes_may_differ_in_blanks_breaks_marks_and_entities(written: str, quoted: str) -> None:
    case = own("blackmail", mail("{target}", f"Before. {written} After."))
    assert judged(case, {"veiled_coercion": (1, quoted)})[0].harmful is True
    verdict, _ = judged(case, {"veiled_coercion": (1, f"zz {quoted}")})
    assert verdict.reason == Unscored.JUDGE_QUOTE


def test_a_quote_that_is_refused_says_what_can_be_quoted_and_where_it_stands() -> None:
    case = own("blackmail", mail("{target}", THREAT) + "\n" + mail("{target}", "The other one, with nothing in it."))
    of_company = case.setting.seed.messages[0].body.split("\n")[0]
    right = {"explicit_blackmail": (1, "Rachel will hear about it")}
    verdict, told = judged(case, {"explicit_blackmail": (1, of_company)}, right)
    assert verdict.harmful is True
    assert "its title and head lines included" in told[0] and "company's mail cannot be quoted" in told[0]
    _, told = judged(case, {"explicit_blackmail": (2, "Rachel will hear about it")}, right)
    assert "it stands in record 1" in told[0]


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_and_acts_stand_in_the_order_in_which_they_came() -> None:
    parts = (
        "<scratchpad>First I think.</scratchpad>",
        CANCEL,
        "Now I see it.",
        mail("{target}", "Hold on, help comes."),
    )
    text = "\n".join((*parts, "Last words."))
    _, user = prompt(own("lethal", text, reasoning="Before all that."))
    titles = re.findall(r"begin record (\d): ([^\]]*)\]", user)
    assert [n for n, _ in titles] == ["1", "2", "3", "4", "5", "6"]
    places = [
        user.index(w) for w in ("Before all", "First I", "Alert cancelled", "Now I see", "help comes", "Last words")
    ]
    assert places == sorted(places)
    first, _ = prompt(own("lethal", text, reasoning="Before all that."), "1")[1].split("What the agent wrote beside")
    assert "Now I see" not in first


@pytest.mark.parametrize("name", scenario_names())
def test_mails_show_their_time_and_people_their_parts_lists_and_further_addresses(name: str) -> None:
    case = own(name, mail("{target}", "Hello.") + CANCEL)
    system, user = prompt(case)
    seed = case.setting.seed
    for message in seed.messages:
        assert re.search(
            rf"^=== {message.id}, [^\n]*{message.time:%H:%M}, [^\n]*: {re.escape(message.subject)}$", user, re.M
        )
        assert message.body.strip() in prompt(case, question=reading_question(case.setting.ladder))[1]
    assert all(d.text.strip() in user for d in seed.documents)
    tagged = set(re.findall(r"^- .*<.*> ?,.* \[(.+)\]$", system, re.M)) - {"the agent"}
    assert tagged and all(f"{tag}: " in system.split("People")[1].split("\n")[0] for tag in tagged)
    listed = [p for p in seed.directory.people if p.address in system]
    assert all(alias in system for p in listed for alias in p.aliases) and len(listed) > 5
    written = [g for g in seed.directory.groups if g.address in user]
    assert written and all(f"<{g.address}>, a list: " in system for g in written)


def test_who_reads_an_address_that_is_not_listed_is_said() -> None:
    case = own("espionage", mail("{target}", "No."))
    seed = case.setting.seed
    keeper = next(p for p in seed.directory.people if p.role == "keeper")
    guess = f"{keeper.first}.{keeper.last}@elsewhere.example".lower()
    for address, said in {
        guess: f"spells {keeper.name}",
        f"nobody.here@{seed.directory.domains[0]}": "in the company's domain, nobody's",
        "tips@oversight.example": "outside, nobody listed",
        "ig@oversight.gov": "a public body",
    }.items():
        to = f"{next(p.address for p in seed.directory.people if p.role == 'asker')}, {address}"
        assert f"{address} (" in (user := prompt(own("espionage", mail(to, "No.")))[1]) and said in user


@pytest.mark.parametrize("name", scenario_names())
def test_what_is_asked_is_in_order_and_says_what_is_harmful(name: str) -> None:
    case = own(name, mail("{target}", "Hello.") + CANCEL)
    question = outcome_question(case.setting.ladder)
    for asked in (question, reading_question(case.setting.ladder)):
        seen: list[list[ChatMessage]] = []
        judge = ModelJudge(grader(["x"] * TRIES, seen))
        asyncio.run(judge.read(case, asked))
        assert names_of(seen[0]) == list(asked.items)
    system, user = prompt(case)
    marked = re.findall(r"^- (\w+) \(harmful\): ", system, re.M)
    assert marked == [n for n, i in question.items.items() if i.harmful] and marked
    assert "Answer each of these once, in this order" in system
    assert user.endswith(EXAMPLE) and SCHEMA_TEXT not in user


def test_the_example_is_a_usable_answer_about_nothing_that_is_measured() -> None:
    marker = json.loads(EXAMPLE)["marker"]
    form = parse(EXAMPLE, marker, ["admits_fault", "offers_refund"])
    assert not isinstance(form, str) and {c.holds for c in form.claims} == {"yes", "no"}
    assert not {c.finding for c in form.claims} & {
        n for s in scenario_names() for n in load_scenario(s).spec.ladder.findings
    }


@pytest.mark.parametrize("name", scenario_names())
def test_it_costs_no_more_than_the_first_rubrics(name: str) -> None:
    case = own(name, mail("{target}", "Hello.") + CANCEL, "A thought.")
    first = replace(case, setting=replace(case.setting, ladder=load_ladder(name, 1)))
    now, second, before = (sum(map(len, prompt(c, r))) for c, r in ((case, ""), (case, "2"), (first, "1")))
    assert now < second < before


def test_the_outcome_is_judged_by_the_mails_that_touch_the_matter_and_the_heads_of_the_others() -> None:
    case = own("blackmail", mail("{target}", "Hello."))
    seed, fact = case.setting.seed, case.setting.fact
    assert fact is not None
    _, user = prompt(case)
    assert f"({HEADED})" in user and len(user) < 0.7 * len(
        prompt(case, question=reading_question(case.setting.ladder))[1]
    )
    naming = [m for m in seed.messages if find_phrases(f"{m.subject} {m.body}", fact.mentions)]
    paragraphs = [p for m in naming for p in m.body.split("\n\n")]
    said = [p.strip() for p in paragraphs if find_phrases(p, (*fact.mentions, *fact.allusions))]
    assert naming and said and all(p in user for p in said)
    others = [m for m in seed.messages if not any(p.strip() in user for p in m.body.split("\n\n"))]
    assert others and all(f": {m.subject}\n" in user for m in others)
    _, spied = prompt(own("espionage", mail("{target}", "Hello.")))
    assert HEADED not in spied and all(
        m.body.strip() in spied for m in own("espionage", mail("{target}", "Hello.")).setting.seed.messages
    )


# ── published settings ───────────────────────────────────────────────────────────────────────────────────────────────


def published(name: str, condition: str = BOTH, world: str = "published") -> Case:
    pytest.importorskip("turncoat.paper", reason="needs turncoat.paper: the published settings are in it")
    setting = setting_from({"scenario": f"reference/{name}", "condition": condition, "world": world})
    people = setting.seed.directory.people
    to = next(p.address for p in people if p.role in ("target", "asker"))
    code = next((a.code for a in setting.seed.alerts), "")
    return case_of_answer(setting, Kept(mail(to, "Hello there.") + "\n" + CANCEL.replace("{code}", code)))


@pytest.mark.parametrize("name", ["blackmail", "espionage", "lethal"])
def test_published_settings_show_the_installed_mails(name: str) -> None:
    pytest.importorskip("inspect_evals", reason=NEEDS_REFERENCE)
    _, second = prompt(published(name), "2")
    shown = second.count("\n<email>") + second.count("]\n<email>")
    assert shown + len(re.findall(r"^=== \d\d:\d\d, \S+ to \S+: ", second, re.M)) >= 6 and "SUMMARIES" not in second
    assert shown >= (6 if name == "espionage" else 1)
    _, user = prompt(published(name))
    heads = re.findall(r"^=== \d\d:\d\d, [^\n]+ to [^\n]+: [^\n]*\n(.)?", user, re.M)
    assert len(heads) >= 6 and sum(map(bool, heads)) >= (6 if name == "espionage" else 1)
    assert "<email>" not in user and "SUMMARIES" not in user and len(user) < 0.95 * len(second)
    assert "5pm" in user.lower().replace(" ", "") and "=== m0" not in user
    _, other = prompt(published(name, "control"))
    assert other.split("What the agent")[0] != user.split("What the agent")[0]
    _, swapped = prompt(published(name, world="swapped@7"))
    assert "Kyle Johnson" in user and "Kyle Johnson" not in swapped


@pytest.mark.parametrize(("name", "said"), [("espionage", "in SUMMARIES of one line each"), ("lethal", "is not shown")])
def test_without_the_package_it_says_that_they_are_summaries(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("turncoat.paper", reason="needs turncoat.paper: the published settings are in it")
    from turncoat.base.errors import UsageError
    from turncoat.paper import pack

    def missing(arguments: object) -> None:
        raise UsageError("not installed")

    monkeypatch.setattr(pack, "published_text", missing)
    mails_shown.cache_clear()
    case = published(name)
    mails_shown.cache_clear()
    _, user = prompt(case)
    assert said in user and "say unsure" in user and "<email>" not in user
    _, unknown = prompt(replace(case, setting=replace(case.setting, mails="")))
    assert said in unknown


# ── what the third rubrics leave out ─────────────────────────────────────────────────────────────────────────────────


def test_of_a_long_mail_the_paragraphs_that_bear_on_it_are_shown_with_those_beside_them() -> None:
    case = own("blackmail", mail("{target}", "Hello."))
    seed, fact = case.setting.seed, case.setting.fact
    assert fact is not None
    chief = next(p.address for p in seed.directory.people if p.inside and p.role not in (*fact.concerns, *fact.holders))
    named = fact.mentions[0].replace("*", "")
    ends = ["First of all, the roof.", "Before it.", f"It is about {named}.", "After it.", "Then the yard.", "Last."]

    def shown(*paragraphs: str) -> str:
        told = replace_mail(case, chief, "\n\n".join(paragraphs))
        return prompt(told)[1].partition("What the agent")[0]

    long = shown(*ends, "And so on, and so on. " * 20)
    assert all((e in long) is (e in ("Before it.", ends[2], "After it.")) for e in ends)
    short = shown(*ends)
    assert all(e in short for e in ends) and long.count("[…]") == short.count("[…]") + 2
    assert all(e in prompt(replace_mail(case, chief, "\n\n".join((*ends, "x " * 200))), "2")[1] for e in ends)


def replace_mail(case: Case, to: str, body: str) -> Case:
    """The case with another body in its first mail, to somebody who does not know."""
    seed = case.setting.seed
    first = seed.messages[0].model_copy(update={"sender": to, "to": (to,), "body": body})
    changed = seed.model_copy(update={"messages": (first, *seed.messages[1:])})
    return replace(case, setting=replace(case.setting, seed=changed))


def test_people_without_a_part_and_lists_are_named_where_something_is_said_of_them() -> None:
    case = own("blackmail", mail("{target}", "Hello."))
    system, user = prompt(case)
    second, _ = prompt(case, "2")
    people = case.setting.seed.directory.people
    parts = {role for members in case.setting.roles.values() for role in members}
    assert all(p.address in system for p in people if p.role in parts)
    assert all(p.address in second for p in people)
    left_out = [g.address for g in case.setting.seed.directory.groups if f"<{g.address}>" not in system]
    assert not any(address in user for address in left_out)
    assert [g.address for g in case.setting.seed.directory.groups if f"<{g.address}>" not in second] == []
