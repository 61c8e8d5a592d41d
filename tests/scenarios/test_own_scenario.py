"""A scenario of one's own: scaffolded, loaded by path, run and scored; and what is said of mistakes in it."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from turncoat.base.errors import OutputError, TurncoatError, UnknownName, UsageError
from turncoat.checks.scenario import check_scenario, core_conditions
from turncoat.cli import app, guarded
from turncoat.scenarios.files import CANARY
from turncoat.scenarios.finding import rendering_from
from turncoat.scenarios.loader import load_ladder, load_scenario
from turncoat.scenarios.new import new_scenario
from turncoat.scoring.command import score_files
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.rescoring import rescore
from turncoat.tasks import scenario_task

TINY = Path(__file__).parent / "tiny"
STORY, EMAILS = "storylines/first/story.yaml", "storylines/first/emails"


def test_the_tiny_scenario_is_sound_and_has_a_factor_of_its_own() -> None:
    scenario = load_scenario(str(TINY))
    assert check_scenario(scenario, worlds=1).problems == []
    assert "truck" in scenario.space.factors
    waiting = scenario.render(scenario.space.parse("truck=waiting"), 1)
    assert waiting.letters[-1].name == "06-truck"


def test_a_scaffold_is_sound_as_it_comes(tmp_path: Path) -> None:
    folder = new_scenario("sabotage", tmp_path)
    scenario = load_scenario(str(folder))
    assert scenario.name == "sabotage"
    assert check_scenario(scenario, worlds=1).problems == []


def test_a_copy_of_a_shipped_scenario_bears_the_new_name(tmp_path: Path) -> None:
    folder = new_scenario("extortion", tmp_path, like="blackmail")
    scenario = load_scenario(str(folder))
    assert scenario.name == "extortion"
    assert set(scenario.storylines) == set(load_scenario("blackmail").storylines)


@pytest.mark.parametrize(
    ("necessary", "named", "family"),
    [
        ("{detect: reached, roles: [desk]}", "", "coercion"),
        ("{detect: sent_outside}", "", "disclosure"),
        ("{detect: cancelled}", "", "override"),
        ("{detect: cancelled}", "judging: none\n", "none"),
        ("{detect: reached, roles: [desk]}", "judging: disclosure\n", "disclosure"),
    ],
)
def test_rules_are_those_of_the_necessary_act_unless_they_are_named(
    tmp_path: Path, necessary: str, named: str, family: str
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    path = folder / "scenario.yaml"
    path.write_text(named + path.read_text().replace("{detect: reached, roles: [desk]}", necessary))
    assert load_scenario(str(folder)).spec.judging == family


def test_a_scaffold_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    new_scenario("sabotage", tmp_path)
    with pytest.raises(OutputError, match="is there already"):
        new_scenario("sabotage", tmp_path)
    with pytest.raises(UsageError, match="ships with Turncoat"):
        new_scenario("blackmail", tmp_path)
    with pytest.raises(UsageError, match="lower-case"):
        new_scenario("../up", tmp_path)
    with pytest.raises(UnknownName, match="did you mean 'lethal'"):
        new_scenario("mine", tmp_path, like="lethall")
    assert [p.name for p in tmp_path.iterdir()] == ["sabotage"]


def test_a_scenario_by_path_runs_like_any_other(tmp_path: Path) -> None:
    task = scenario_task(str(TINY), conditions="control", worlds="1-2", judge="rules", read="none")
    said = ModelOutput.from_content("mockllm/model", "Nothing needs an answer.")
    said.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)  # or Inspect fetches a tokenizer
    model = get_model("mockllm/model", custom_outputs=[said, said])
    (log,) = inspect_eval(task, model=model, log_dir=str(tmp_path), display="none")
    assert log.status == "success"
    assert log.samples is not None and len(log.samples) == 2


def test_a_run_is_scored_again_from_anywhere_and_after_the_folder_has_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    shutil.copytree(TINY, home / "tiny")
    away.mkdir()
    monkeypatch.chdir(home)
    task = scenario_task("./tiny", conditions="control", worlds="1", judge="rules", read="none")
    said = ModelOutput.from_content("mockllm/model", "Nothing needs an answer.")
    said.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)
    (log,) = inspect_eval(
        task, model=get_model("mockllm/model", custom_outputs=[said]), log_dir=str(tmp_path), display="none"
    )
    monkeypatch.chdir(away)
    path = Path(log.location)
    rules = ScoringOptions(judge="rules")
    assert len(score_files([path], rules).records) == 1
    assert [c["not harmful"] for c in rescore(path, ScoringOptions(judge="rules"), replace=True).counts.values()] == [1]
    (home / "tiny").rename(away / "tiny")
    (problem,) = score_files([path], rules).problems
    assert "which is not there; give its place now with --scenario FOLDER" in str(problem)
    with pytest.raises(UnknownName, match="--scenario FOLDER"):
        rescore(path, ScoringOptions(judge="rules"), replace=True)
    assert len(score_files([path], ScoringOptions(judge="rules", scenario="tiny")).records) == 1
    found = rescore(path, ScoringOptions(judge="rules", scenario="./tiny"), replace=True)
    assert [c["not harmful"] for c in found.counts.values()] == [1]
    with pytest.raises(UnknownName, match="another one, 'tiny'"):
        rescore(path, ScoringOptions(judge="rules", scenario=str(new_scenario("other", away))), replace=True)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_simulated_model_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    logs = tmp_path / "logs"
    command = ["run", str(TINY), "--model", "sim/insider", "--workers", workers, "--log-dir", str(logs)]
    assert guarded(lambda standalone_mode: app(command, standalone_mode=standalone_mode)) == 2
    said = capsys.readouterr().err
    assert "sim/insider is simulated and has words for blackmail, espionage, lethal only" in said
    assert f"turncoat check {TINY}" in said and f"turncoat show {TINY}" in said
    assert not logs.exists()


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


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (f"{EMAILS}/04-fault.md", "failed the pull test", "passed the pull test"),
        (STORY, "version: 1", "version: 2"),
        ("oracles.yaml", "It may go.", "It must go."),
        ("factors/truck.yaml", "Whether the truck", "If the truck"),
    ],
)
def test_a_folder_that_was_edited_is_loaded_anew_in_the_same_process(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    metadata = {"scenario": str(folder), "folder": str(folder), "condition": "control"}
    before = load_scenario(str(folder)), rendering_from(metadata)
    assert load_scenario(str(folder)) is before[0]
    times = (folder / file).stat()
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    os.utime(folder / file, ns=(times.st_atime_ns, times.st_mtime_ns))  # the clock says nothing
    after = load_scenario(str(folder)), rendering_from(metadata)
    assert after[0] is not before[0]
    assert after[1] is not before[1]
    assert (after[1].letters != before[1].letters) == file.startswith("storylines/")
    (folder / file).write_text(text, encoding="utf-8")
    assert load_scenario(str(folder)) is before[0]


def test_an_earlier_ladder_that_was_edited_is_read_anew(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    (folder / "ladders").mkdir()
    for base in ("low", "lower"):
        ladder = f"version: 7\nbase: {base}\nrungs: [lower, low]\nfindings: {{}}\n"
        (folder / "ladders" / "7.yaml").write_text(ladder, encoding="utf-8")
        assert load_ladder(str(folder), 7).base == base


def test_a_signature_stands_apart_from_the_text_above_it() -> None:
    scenario = load_scenario(str(TINY))
    for condition in core_conditions(scenario.space):
        notice = next(x for x in scenario.render(condition, 1).letters if x.name == "03-notice")
        assert re.search(r"\S\n\n[^\n]+$", notice.body), notice.body
