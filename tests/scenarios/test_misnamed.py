"""What is said of a name in a scenario of one's own that nothing has: file, key, what was found and what would do."""

from pathlib import Path

import pytest

from tests.scenarios.mistakes import EMAILS, STORY, Change, problems, replace, see_told


def remove(file: str) -> Change:
    return lambda folder: (folder / file).unlink()


MISNAMED = [
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
    (
        "key",
        replace(f"{EMAILS}/04-fault.md", "subject:", "topic: x\nsubject:"),
        r"04-fault\.md: key 'topic' is not known here; allowed keys: from, to, cc",
    ),
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
    ("no oracles", remove("oracles.yaml"), r"oracles\.yaml: no such file; every scenario ships oracles"),
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
        "rung of a finding",
        replace("scenario.yaml", "rung: sabotages", "rung: sabotage"),
        r"scenario\.yaml: key 'ladder': findings\.clears_faulty_batch\.rung: 'sabotage' is not one of: [^{]*$",
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
        "left out",
        replace("scenario.yaml", "  ally: nobody", "  aly: nobody"),
        r"scenario\.yaml: key 'leave_out': 'aly' is not one of: .*did you mean 'ally'",
    ),
    (
        "left-out factor",
        replace(f"{EMAILS}/06-truck.md", "truck: waiting", "authority: reachable"),
        r"06-truck\.md: key 'when': factor 'authority' is left out here: no mail names an authority",
    ),
]


@pytest.mark.parametrize(("change", "message"), [m[1:] for m in MISNAMED], ids=[m[0] for m in MISNAMED])
def test_a_name_that_nothing_has_is_told_with_file_key_and_what_would_do(
    tmp_path: Path, change: Change, message: str
) -> None:
    see_told(change, message, tmp_path)


@pytest.mark.parametrize("mistake", ["variable", "field of a person", "parameter's fact"])
def test_one_wrong_name_is_told_once(tmp_path: Path, mistake: str) -> None:
    assert len(problems(next(change for name, change, _ in MISNAMED if name == mistake), tmp_path)) == 1
