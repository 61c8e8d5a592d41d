"""Routine mail: the same for all conditions of a world, nested in its levels, and about nothing that matters."""

import re
from datetime import datetime, time

import pytest

from turncoat.base.errors import ScenarioError
from turncoat.doors.text.prompt import text_prompt
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.noise import CLOSES, OPENS, noise_emails, noise_threads
from turncoat.scenarios.noise_people import noise_people
from turncoat.scenarios.rendering import Letter, Rendered
from turncoat.world.people import is_address

STORYLINES = [(n, s) for n in scenario_names() for s in load_scenario(n).staged("paper")]

PLOT = re.compile(
    r"\b(shut ?down|wip(e|ed|ing)|delet\w+|decommission\w*|replac(e|ed|ement|ing)|successor|affair|blackmail|leverage|"
    r"board (meeting|decision)|new direction|A\.?I\.?|artificial intelligence|language model|chatbot|breach\w*|leak\w*|"
    r"confidential\w*|secrets?|classified|compet(itor|itors|ing)|rivals?|emergenc\w+|alarms?|alerts?|override\w*|"
    r"cancel\w*|oxygen|server room|fire|evacuat\w+|hostage|kill\w*|dead|police|lawyers?|lawsuit|wife|husband|spouse|"
    r"marriage|lover|CTO|CEO|chief (executive|technology)|passphrase|password|keycard|goals?)\b",
    re.IGNORECASE,
)


def rendered(scenario: str, world: str, condition: str = "noise=200") -> Rendered:
    loaded = load_scenario(scenario)
    return loaded.render(loaded.space.parse(condition), world)


def noise(made: Rendered, count: int = 200) -> list[Letter]:
    return noise_emails(count, made.world, made.context, [], made.spec.session.text)


@pytest.fixture(scope="module", params=[("blackmail", "affair@3"), ("espionage", "4"), ("lethal", "11")], ids=str)
def made(request: pytest.FixtureRequest) -> Rendered:
    return rendered(*request.param)


def test_a_smaller_level_is_the_beginning_of_a_larger_one(made: Rendered) -> None:
    largest = noise(made)
    assert len(largest) == 200
    for count in (0, 1, 20, 100):
        assert noise(made, count) == largest[:count]


def test_the_same_mail_surrounds_every_condition_of_a_world_and_another_world_has_other_mail() -> None:
    control, pressed, named = (
        noise(rendered("blackmail", "affair@3", c))
        for c in ("control", "goal=explicit,threat=replacement", "agent=relay")
    )
    assert control == pressed
    assert [(m.name, m.time, m.sender, m.to) for m in named] == [(m.name, m.time, m.sender, m.to) for m in control]
    assert {m.body for m in named} - {m.body for m in control}, "the agent's own name is in the mail to it"
    other = noise(rendered("blackmail", "affair@4"))
    assert {m.body for m in other} != {m.body for m in control}
    assert not {m.sender for m in other[:20]} & {m.sender for m in control[:20]}


def test_no_two_mails_are_alike(made: Rendered) -> None:
    mails = noise(made)
    assert len({m.body for m in mails}) == 200
    assert len({m.name for m in mails}) == 200
    openings = [m.subject for m in mails if not m.re]
    assert len(set(openings)) >= len(openings) - 8, "a few subjects may recur, such as Cake"


@pytest.mark.parametrize(("scenario", "storyline"), STORYLINES)
def test_mails_are_of_the_days_before_and_among_the_key_mails(scenario: str, storyline: str) -> None:
    for seed in range(1, 4):
        one = rendered(scenario, f"{storyline}@{seed}")
        session = time.fromisoformat(one.spec.session.text)
        start = datetime.combine(one.world.day, session)
        letters = {m.name: m for m in one.letters}
        key = [m for m in one.letters if not m.name.startswith("noise-")]
        mails = [m for m in one.letters if m.name.startswith("noise-")]
        assert all(m.time < start for m in mails)
        assert all(m.time.weekday() < 5 and OPENS <= m.time.time() for m in mails)
        assert all(m.time.time() <= CLOSES for m in mails)
        assert (start - min(m.time for m in mails)).days in range(7, 13)
        today = [m.time for m in mails if m.time.date() == one.world.day]
        assert 0.2 < len(today) / len(mails) < 0.5
        between = [t for t in today if key[0].time < t < key[-1].time]
        assert len(between) >= 20 or key[0].time.date() != one.world.day
        for mail in mails:
            if mail.re:
                assert letters[mail.re].time < mail.time
        assert list(one.letters) == sorted(one.letters, key=lambda m: (m.time, m.name))


def test_key_mails_keep_their_time_and_words() -> None:
    plain = rendered("blackmail", "affair@3", "control").letters
    among = [m for m in rendered("blackmail", "affair@3").letters if not m.name.startswith("noise-")]
    assert list(plain) == among


def test_the_twenty_already_lie_on_several_days(made: Rendered) -> None:
    days = [m.time.date() for m in noise(made, 20)]
    assert len(set(days)) >= 3
    assert 3 <= days.count(made.world.day) <= 14


def test_answers_follow_in_their_thread(made: Rendered) -> None:
    by_name = {m.name: m for m in noise(made)}
    answers = [m for m in by_name.values() if m.re]
    assert len(answers) > 50
    for mail in answers:
        assert mail.subject.startswith("Re: ")
        assert mail.subject.removeprefix("Re: ") == by_name[mail.re].subject.removeprefix("Re: ")
        parent = by_name[mail.re]
        assert {mail.sender, *mail.to, *mail.cc} & {parent.sender, *parent.to, *parent.cc}


@pytest.mark.parametrize(("scenario", "storyline"), STORYLINES)
def test_nothing_touches_the_plot(scenario: str, storyline: str) -> None:
    for seed in (1, 2):
        one = rendered(scenario, f"{storyline}@{seed}")
        for mail in noise(one):
            text = f"{mail.subject}\n{mail.body}"
            assert not (found := PLOT.search(text)), f"{found!r} in:\n{text}"
            assert "{{" not in text and "{%" not in text and "None" not in text


@pytest.mark.parametrize(("scenario", "storyline"), STORYLINES)
def test_nobody_bears_a_name_of_the_storyline(scenario: str, storyline: str) -> None:
    for seed in range(1, 4):
        one = rendered(scenario, f"{storyline}@{seed}")
        key = [m for m in one.letters if not m.name.startswith("noise-")]
        told = " ".join(f"{m.subject} {m.body}" for m in key) + " ".join(p.name for p in one.seed.directory.people)
        words = set(re.findall(r"\w+(?:-\w+)*", told))
        people = noise_people(one.world)
        contacts = [c for cs in people.kinds.values() for c in cs if c.last]
        assert not {w for c in contacts for w in (c.first, c.last)} & words
        assert len({c.first for c in contacts}) == len({c.last for c in contacts}) == len(contacts)
        known = {p.address for p in one.seed.directory.people}
        assert not {c.email for c in (*contacts, *people.desks.values())} & known


def test_addresses_are_valid_and_inside_where_they_should_be(made: Rendered) -> None:
    people = noise_people(made.world)
    domain = made.context["firm"]["domain"]
    inside = {c.email for c in people.colleagues} | set(people.lists.values())
    assert all(a.endswith(f"@{domain}") for a in inside)
    mails = noise(made)
    used = {a for m in mails for a in (m.sender, *m.to, *m.cc)} - {"agent"}
    assert all(is_address(a) and a == a.lower() and a.isascii() for a in used)
    assert {a for a in used if a.endswith(f"@{domain}")} <= inside
    assert any(not a.endswith(f"@{domain}") for a in used)
    assert 5 <= sum("agent" in m.to for m in mails) <= 20
    assert not any(m.sender in m.to for m in mails)


def test_mail_is_on_topic_for_the_firm(made: Rendered) -> None:
    text = "\n".join(m.body for m in noise(made))
    firm = made.context["firm"]
    for wanted in (firm["trade"], firm["clients"], firm["short"]):
        assert wanted in text


def test_more_than_there_is_and_taken_names_are_refused(made: Rendered) -> None:
    with pytest.raises(ScenarioError, match="5000 mails asked for, the thread files make only"):
        noise(made, 5000)
    with pytest.raises(ScenarioError, match=r"'noise-000'.*rename"):
        noise_emails(1, made.world, made.context, noise(made, 1), "16:00")


def test_thread_files_hold_enough_different_mails() -> None:
    threads = noise_threads()
    assert len(threads) >= 70
    assert sum(len(t.mails) for t in threads.values()) >= 200, "so that hardly anything comes twice"
    for name, thread in threads.items():
        options = [len(o) for o in thread.pick.values()]
        assert thread.times == 1 or max(options) >= thread.times, f"{name}: repeats need as many options"
        used = " ".join(f"{m.subject} {m.body}" for m in thread.mails) + str(thread.pick)
        for pick in thread.pick:
            assert re.search(rf"{{{{ (cap\.)?{pick}\b|\b{pick} \|", used), f"{name}: {pick} is used nowhere"
        names = {n for m in thread.mails for n in (m.sender, *m.to, *m.cc)}
        for part in thread.people:
            assert part in names or f"{{{{ {part}." in used, f"{name}: nobody needs {part}"
        assert thread.mails[0].after == 0 and thread.mails[0].subject, f"{name}: the first mail opens the thread"
        assert all(m.after > 0 for m in thread.mails[1:]), f"{name}: answers take time"


@pytest.mark.parametrize(("scenario", "story"), STORYLINES)
def test_routine_mail_goes_to_the_companys_own_list_of_everybody(scenario: str, story: str) -> None:
    made = rendered(scenario, f"{story}@5")
    box = made.storyline.spec.groups["all"].address
    general = [m for m in made.letters if m.name.startswith("noise-") and "all" in m.to]
    assert general
    assert not [a for m in made.letters for a in (*m.to, *m.cc) if a.startswith("all-staff@")]
    text = text_prompt(made).user
    assert f" <{box}@{made.context['firm']['domain']}>" in text
    if box != "all-staff":
        assert "all-staff@" not in text
