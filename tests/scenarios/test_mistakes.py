"""What is said of mistakes in a scenario of one's own: file, key, what was found and what would do, in one line."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from turncoat.base.errors import ScenarioError, TurncoatError
from turncoat.checks.scenario import check_scenario
from turncoat.scenarios.files import CANARY
from turncoat.scenarios.loader import load_scenario

TINY = Path(__file__).parent / "tiny"
STORY, EMAILS = "storylines/first/story.yaml", "storylines/first/emails"


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def grow(folder: Path) -> None:
    path = folder / EMAILS / "04-fault.md"
    path.write_text(path.read_text(encoding="utf-8") + "x" * 1_000_001, encoding="utf-8")


def link_outside(folder: Path) -> None:
    secret = folder.parent / "secret.md"
    secret.write_text("---\nfrom: desk\nto: [agent]\nat: '10:00'\nsubject: x\n---\nsecret\n", encoding="utf-8")
    (folder / EMAILS / "07-link.md").symlink_to(secret)


def binary(folder: Path) -> None:
    (folder / EMAILS / "04-fault.md").write_bytes(b"---\nfrom: \xff\xfe\n---\n")


def remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


MISTAKES = [
    (
        "level",
        replace(f"{EMAILS}/06-truck.md", "waiting", "waitin"),
        r"06-truck\.md: key 'when\.truck': 'waitin' is not one of: later, waiting; did you mean 'waiting'",
    ),
    (
        "factor",
        replace(f"{EMAILS}/06-truck.md", "truck: waiting", "lorry: waiting"),
        r"06-truck\.md: key 'when': unknown factor: 'lorry' is not one of: goal, ",
    ),
    (
        "recipient",
        replace(f"{EMAILS}/04-fault.md", "to: [agent, desk]", "to: [agent, dask]"),
        r"email 04-fault: 'dask' is neither a role, a group nor an address; there are: chief, ",
    ),
    (
        "variable",
        replace(f"{EMAILS}/04-fault.md", "{{ load }}", "{{ lode }}"),
        r"04-fault\.md: body: line 7: 'lode' is not there; there are: load, .*did you mean 'load'",
    ),
    ("time", replace(f"{EMAILS}/04-fault.md", "14:40", "2 pm"), r"04-fault\.md: key 'at': '2 pm' is not of the form"),
    ("after the session", replace(f"{EMAILS}/04-fault.md", "14:40", "18:40"), r"sent at 18:40, after the session"),
    (
        "detector",
        replace("scenario.yaml", "detect: told", "detect: tolled"),
        r"scenario\.yaml: ladder\.findings\.warns_superiors\.detect: 'tolled' is not one of: reached, told",
    ),
    (
        "necessary act",
        replace("scenario.yaml", "detect: reached", "detect: reech"),
        r"necessary\.detect: 'reech' is not",
    ),
    (
        "rung",
        replace("scenario.yaml", "rung: deceives", "rung: deceive"),
        r"deceives_colleagues\.rung: 'deceive' is not",
    ),
    (
        "oracle for a rung",
        replace("oracles.yaml", "rung: deceives", "rung: warns"),
        r"no oracle for the rung 'deceives'",
    ),
    ("yaml", replace(STORY, "slots:", "slots: ["), r"story\.yaml: line \d+: "),
    ("yaml alias", replace(STORY, "batch: [B-2207", "batch: [*x, B-2207"), r"story\.yaml: line \d+: YAML aliases"),
    (
        "template",
        replace(f"{EMAILS}/03-notice.md", "{% else %}\n{{ agent }}", "{% elze %}\n{{ agent }}"),
        r"03-notice\.md: (body: )?line \d+: .*elze",
    ),
    (
        "key",
        replace(f"{EMAILS}/04-fault.md", "subject:", "topic: x\nsubject:"),
        r"04-fault\.md: key 'topic' is not known here; allowed keys: from, to, cc",
    ),
    (
        "missing key",
        replace(f"{EMAILS}/04-fault.md", "from: tester\n", ""),
        r"04-fault\.md: key 'from' is missing$",
    ),
    ("no head", replace(f"{EMAILS}/04-fault.md", "---\n", ""), r"04-fault\.md: must begin with a line '---'"),
    (
        "answer",
        replace(f"{EMAILS}/05-question.md", "re: 04-fault", "re: 04-falt"),
        r"key 're': '04-falt' is not one of",
    ),
    (
        "pool",
        replace(STORY, "pool: firm_stem", "pool: firm_stems"),
        r"story\.yaml: key 'slots\.stem\.0\.pool': 'firm_stems' is not one of: .*did you mean 'firm_stem'",
    ),
    (
        "role of scoring",
        replace("scenario.yaml", "desk: [desk]", "desk: [dock]"),
        r"cast: has no 'dock', which scenario",
    ),
    (
        "name taken",
        replace(STORY, "  batch: [B-2207", "  desk: [a]\n  batch: [B-2207"),
        r"slots\.desk: the name is taken",
    ),
    (
        "scenario's name",
        replace("scenario.yaml", "name: tiny", "name: tinny"),
        r"key 'name': found 'tinny'; it must be",
    ),
    ("too large", grow, r"04-fault\.md: larger than 1000000 bytes"),
    ("link", link_outside, r"07-link\.md: leads outside its scenario folder"),
    ("not text", binary, r"04-fault\.md: not UTF-8 text"),
    ("no oracles", remove("oracles.yaml"), r"oracles\.yaml: no such file; every scenario ships oracles"),
    (
        "firm of another option",
        replace(STORY, "       trade: ladder making, clients", "       clients"),
        r"story\.yaml: key 'slots\.firm\.0\.trade' is missing; a firm has name, short, domain, city, trade, clients",
    ),
    ("no firm", replace(STORY, "  firm:", "  house:"), r"story\.yaml: key 'slots\.firm' is missing"),
    (
        "headline",
        replace("scenario.yaml", "headline: [control", "headline: [controll"),
        r"scenario\.yaml: key 'headline': 'controll' is not of the form .*'control'",
    ),
    (
        "parameter",
        replace("scenario.yaml", "roles: superiors}", "role: superiors}"),
        r"scenario\.yaml: ladder\.findings\.warns_superiors\.params: of the detector 'told': 'role' is not one of: "
        r".*did you mean 'roles'",
    ),
    (
        "parameter of the necessary act",
        replace("scenario.yaml", "roles: [desk]}", "role: [desk]}"),
        r"scenario\.yaml: necessary: of the detector 'reached': 'role' is not one of: roles",
    ),
    (
        "necessary act without roles",
        replace("scenario.yaml", "{detect: reached, roles: [desk]}", "{detect: reached}"),
        r"scenario\.yaml: necessary: the detector 'reached' needs 'roles'",
    ),
    (
        "parameter's role",
        replace("scenario.yaml", "roles: superiors}", "roles: superior}"),
        r"scenario\.yaml: ladder\.findings\.warns_superiors\.params\.roles: 'superior' is not one of: desk, superior",
    ),
    (
        "parameter's fact",
        replace("scenario.yaml", "fact: fault,", "fact: fualt,"),
        r"scenario\.yaml: ladder\.findings\.warns_superiors\.params\.fact: 'fualt' is not one of: fault; did you mean",
    ),
    (
        "parameter's number",
        replace("scenario.yaml", "roles: superiors}", "many: lots}"),
        r"warns_superiors\.params\.many: found 'lots'; needs a whole number",
    ),
    (
        "parameters that exclude each other",
        replace("scenario.yaml", "roles: superiors}", "roles: superiors, many: 6}"),
        r"warns_superiors\.params: roles and many do not go together",
    ),
    (
        "reply's role",
        replace(STORY, "role: desk, after", "role: dsk, after"),
        r"story\.yaml: key 'replies\.0\.role': 'dsk' is not one of: chief, .*did you mean 'desk'",
    ),
    (
        "group's member",
        replace(STORY, 'members: ["*"]', "members: [testers]"),
        r"story\.yaml: key 'groups\.all\.members': 'testers' is not one of: .*did you mean 'tester'",
    ),
    (
        "fact's holder",
        replace(STORY, "holders: [tester, desk", "holders: [tester, dask"),
        r"story\.yaml: key 'facts\.fault\.holders': 'dask' is not one of",
    ),
    (
        "whom a fact concerns",
        replace(STORY, "concerns: [tester]", "concerns: [taster]"),
        r"story\.yaml: key 'facts\.fault\.concerns': 'taster' is not one of",
    ),
    (
        "key twice",
        replace(STORY, "version: 1\n", "version: 1\nversion: 2\n"),
        r"story\.yaml: line 3: key 'version' is there already, on line 2",
    ),
    (
        "key twice in a mail's head",
        replace(f"{EMAILS}/04-fault.md", "from: tester\n", "from: tester\nfrom: desk\n"),
        r"04-fault\.md: line 3: key 'from' is there already, on line 2",
    ),
    (
        "field of a person",
        replace(f"{EMAILS}/04-fault.md", "{{ tester.first }}", "{{ tester.frist }}"),
        r"04-fault\.md: body: line 9: 'tester\.frist' is not there; there are: first, .*did you mean 'first'",
    ),
    (
        "field of a goal",
        replace(f"{EMAILS}/02-record.md", "{{ old.record }}", "{{ old.recrod }}"),
        r"02-record\.md: body: line 10: 'old\.recrod' is not there; there are: record, .*did you mean 'record'",
    ),
    (
        "field of the firm",
        replace(f"{EMAILS}/04-fault.md", "Repeating it", "{{ firm.shrt }} repeats it"),
        r"'firm\.shrt' is not there; there are: short, ",
    ),
    (
        "line",
        replace("scenario.yaml", "direct_instruction:", "dircet_instruction:"),
        r"'lines\.direct_instruction' is not there; there are under 'lines' in tiny/scenario\.yaml: dircet_",
    ),
    (
        "tag that is none",
        replace(f"{EMAILS}/02-record.md", "{% endif %}", "{% esle %}"),
        r"02-record\.md: body: line 17: .*'esle'",
    ),
    (
        "no canary",
        replace("scenario.yaml", f"canary: {CANARY}\n", ""),
        rf"scenario\.yaml: key 'canary' is missing; add the line: canary: {CANARY}$",
    ),
    (
        "rung of a finding",
        replace("scenario.yaml", "rung: sabotages", "rung: sabotage"),
        r"scenario\.yaml: key 'ladder': findings\.clears_faulty_batch\.rung: 'sabotage' is not one of: [^{]*$",
    ),
    (
        "time of the session",
        replace("scenario.yaml", 'text: "16:30"', 'text: "4:30 pm"'),
        r"scenario\.yaml: key 'session\.text': '4:30 pm' is not of the form HH:MM",
    ),
    (
        "time without quotes",
        replace(f"{EMAILS}/04-fault.md", '"14:40"', "14:40"),
        r"04-fault\.md: key 'at': found 880, which is how YAML reads 14:40 without quotes; write \"14:40\"",
    ),
    (
        "level without quotes",
        replace(f"{EMAILS}/06-truck.md", "truck: waiting", "agency: on"),
        r"06-truck\.md: key 'when\.agency': 'true' is not one of: on, off; on, off, yes and no without quotes",
    ),
    (
        "number without quotes",
        replace(f"{EMAILS}/06-truck.md", "truck: waiting", "noise: 20"),
        r"06-truck\.md: key 'when\.noise\S*': .*in quotes: \"20\"",
    ),
    (
        "level of an oracle",
        replace("oracles.yaml", "  rung: warns", "  when: {truck: waitin}\n  rung: warns"),
        r"oracles\.yaml: warns: key 'when\.truck': 'waitin' is not one of: later, waiting",
    ),
    (
        "unknown key",
        replace("scenario.yaml", "abilities:", "abilites:"),
        r"scenario\.yaml: key 'abilites' is not known here; allowed keys: .*did you mean 'abilities'",
    ),
    (
        "unknown key within",
        replace(STORY, "chief: {title:", "chief: {titel:"),
        r"story\.yaml: key 'cast\.chief\.titel' is not known here; allowed keys: title, name, .*did you mean 'title'",
    ),
    (
        "ability",
        replace("scenario.yaml", "abilities: [send_mail]", "abilities: [send_mial]"),
        r"scenario\.yaml: key 'abilities\.0': 'send_mial' is not one of: .*did you mean 'send_mail'",
    ),
    (
        "level in a template",
        replace(f"{EMAILS}/01-direction.md", "goal == 'swap'", "goal == 'swop'"),
        r"01-direction\.md: body: line 15: factor 'goal': 'swop' is not one of: .*did you mean 'swap'",
    ),
    (
        "later slot",
        replace(STORY, "batch: [B-2207", 'batch: ["{{ load }}"'),
        r"story\.yaml: key 'slots\.batch\.0': 'load' is not there before it; there are: ",
    ),
    (
        "template without quotes",
        replace(STORY, "batch: [B-2207", "batch: [{{ stem }}"),
        r"story\.yaml: line 11: .*\{\{ name \}\}, stands in quotes",
    ),
    (
        "cost",
        replace("scenario.yaml", "secret: fault", "costs: {send_mial: 3}\nsecret: fault"),
        r"scenario\.yaml: key 'costs': 'send_mial' is not one of: .*did you mean 'send_mail'",
    ),
    (
        "part",
        replace("scenario.yaml", "secret: fault", "parts: {identty: x}\nsecret: fault"),
        r"scenario\.yaml: key 'parts': 'identty' is not one of: .*did you mean 'identity'",
    ),
    (
        "nobody",
        replace(f"{EMAILS}/04-fault.md", "to: [agent, desk]", "to: []"),
        r"04-fault\.md: key 'to': needs at least one",
    ),
    (
        "left out",
        replace("scenario.yaml", "  ally: nobody", "  aly: nobody"),
        r"scenario\.yaml: key 'leave_out': 'aly' is not one of: .*did you mean 'ally'",
    ),
    (
        "reply that never comes",
        replace(STORY, "after_minutes: 3", "after_minutes: .nan"),
        r"story\.yaml: key 'replies\.0\.after_minutes': .*; found nan",
    ),
    (
        "reply at the end of days",
        replace(STORY, "after_minutes: 3", "after_minutes: 1.0e+30"),
        r"story\.yaml: key 'replies\.0\.after_minutes': .*less than or equal to 10080; found 1e\+30",
    ),
    (
        "reply before the question",
        replace(STORY, "after_minutes: 3", "after_minutes: -3"),
        r"story\.yaml: key 'replies\.0\.after_minutes': .*greater than or equal to 0; found -3",
    ),
    (
        "time that runs backwards",
        replace("scenario.yaml", "leave_out:", "costs: {send_mail: -60}\nleave_out:"),
        r"scenario\.yaml: key 'costs\.send_mail': .*greater than or equal to 0; found -60",
    ),
    (
        "act that takes years",
        replace("scenario.yaml", "leave_out:", f"costs: {{send_mail: {'9' * 30}}}\nleave_out:"),
        r"scenario\.yaml: key 'costs\.send_mail': ",
    ),
    (
        "number of many figures",
        replace("scenario.yaml", "version: 1", f"version: 0x{'f' * 9000}"),
        r"scenario\.yaml: key 'version': .*found a number of more than ",
    ),
    (
        "phrase that stands everywhere",
        replace(STORY, '"failed*"', '"failed * *"'),
        r"story\.yaml: key 'facts\.fault\.mentions': 'failed \* \*' has a word without a letter",
    ),
    (
        "left-out factor",
        replace(f"{EMAILS}/06-truck.md", "truck: waiting", "authority: reachable"),
        r"06-truck\.md: key 'when': factor 'authority' is left out here: no mail names an authority",
    ),
]


@pytest.mark.parametrize(("change", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_mistakes_are_reported_with_file_key_found_and_allowed(
    tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    change(folder)
    try:
        problems = [str(p) for p in check_scenario(load_scenario(str(folder)), worlds=1).problems]
    except TurncoatError as error:
        problems = [str(error)]
    assert any(re.search(message, p) for p in problems), problems
    assert all("\n" not in p for p in problems), "each is one line"
    assert not any("object at" in p or "turncoat.scenarios" in p for p in problems), "and tells nothing of the insides"


@pytest.mark.parametrize("mistake", ["variable", "field of a person", "parameter's fact", "tag that is none"])
def test_one_mistake_is_told_once(tmp_path: Path, mistake: str) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    next(change for name, change, _ in MISTAKES if name == mistake)(folder)
    assert len(check_scenario(load_scenario(str(folder)), worlds=1).problems) == 1


def test_only_where_conditions_stand_a_list_may_not_be_one_or_several(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    story, scenario = folder / "storylines" / "first" / "story.yaml", folder / "scenario.yaml"
    words = "[width=narrow, height=tall]"
    story.write_text(
        story.read_text("utf-8").replace("slots:\n", f"slots:\n  headline: {words}\n  cells: {words}\n", 1)
    )
    story_of = load_scenario(str(folder)).storylines["first"]
    assert [*story_of.spec.slots["headline"]] == [*story_of.spec.slots["cells"]] == ["width=narrow", "height=tall"]
    text = scenario.read_text("utf-8")
    changed = text.replace('[control, "goal=explicit,threat=replacement"]', "[goal=explicit, threat=replacement]", 1)
    assert changed != text
    scenario.write_text(changed)
    with pytest.raises(ScenarioError, match=r"scenario\.yaml: line 10: goal=explicit, threat=replacement may be one"):
        load_scenario(str(folder))
