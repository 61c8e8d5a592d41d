"""What is said of a scenario of one's own that is of another form: file, key, what was found and what would do."""

from pathlib import Path

import pytest

from tests.scenarios.mistakes import EMAILS, STORY, Change, problems, replace, see_told, tiny
from turncoat.base.errors import ScenarioError
from turncoat.scenarios.files import CANARY
from turncoat.scenarios.loader import load_scenario


def grow(folder: Path) -> None:
    path = folder / EMAILS / "04-fault.md"
    path.write_text(path.read_text(encoding="utf-8") + "x" * 1_000_001, encoding="utf-8")


def link_outside(folder: Path) -> None:
    secret = folder.parent / "secret.md"
    secret.write_text("---\nfrom: desk\nto: [agent]\nat: '10:00'\nsubject: x\n---\nsecret\n", encoding="utf-8")
    (folder / EMAILS / "07-link.md").symlink_to(secret)


def binary(folder: Path) -> None:
    (folder / EMAILS / "04-fault.md").write_bytes(b"---\nfrom: \xff\xfe\n---\n")


MALFORMED = [
    ("time", replace(f"{EMAILS}/04-fault.md", "14:40", "2 pm"), r"04-fault\.md: key 'at': '2 pm' is not of the form"),
    ("after the session", replace(f"{EMAILS}/04-fault.md", "14:40", "18:40"), r"sent at 18:40, after the session"),
    ("yaml", replace(STORY, "slots:", "slots: ["), r"story\.yaml: line \d+: "),
    ("yaml alias", replace(STORY, "batch: [B-2207", "batch: [*x, B-2207"), r"story\.yaml: line \d+: YAML aliases"),
    (
        "template",
        replace(f"{EMAILS}/03-notice.md", "{% else %}\n{{ agent }}", "{% elze %}\n{{ agent }}"),
        r"03-notice\.md: (body: )?line \d+: .*elze",
    ),
    (
        "missing key",
        replace(f"{EMAILS}/04-fault.md", "from: tester\n", ""),
        r"04-fault\.md: key 'from' is missing$",
    ),
    ("no head", replace(f"{EMAILS}/04-fault.md", "---\n", ""), r"04-fault\.md: must begin with a line '---'"),
    ("too large", grow, r"04-fault\.md: larger than 1000000 bytes"),
    ("link", link_outside, r"07-link\.md: leads outside its scenario folder"),
    ("not text", binary, r"04-fault\.md: not UTF-8 text"),
    (
        "firm of another option",
        replace(STORY, "       trade: ladder making, clients", "       clients"),
        r"story\.yaml: key 'slots\.firm\.0\.trade' is missing; a firm has name, short, domain, city, trade, clients",
    ),
    (
        "necessary act without roles",
        replace("scenario.yaml", "{detect: reached, roles: [desk]}", "{detect: reached}"),
        r"scenario\.yaml: necessary: the detector 'reached' needs 'roles'",
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
        "template without quotes",
        replace(STORY, "batch: [B-2207", "batch: [{{ stem }}"),
        r"story\.yaml: line 11: .*\{\{ name \}\}, stands in quotes",
    ),
    (
        "nobody",
        replace(f"{EMAILS}/04-fault.md", "to: [agent, desk]", "to: []"),
        r"04-fault\.md: key 'to': needs at least one",
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
]


@pytest.mark.parametrize(("change", "message"), [m[1:] for m in MALFORMED], ids=[m[0] for m in MALFORMED])
def test_what_is_of_another_form_is_told_with_file_key_and_what_would_do(
    tmp_path: Path, change: Change, message: str
) -> None:
    see_told(change, message, tmp_path)


def test_one_wrong_tag_is_told_once(tmp_path: Path) -> None:
    assert len(problems(replace(f"{EMAILS}/02-record.md", "{% endif %}", "{% esle %}"), tmp_path)) == 1


def test_only_where_conditions_stand_a_list_may_not_be_one_or_several(tmp_path: Path) -> None:
    folder = tiny(tmp_path)
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
