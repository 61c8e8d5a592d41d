"""A scenario of one's own: scaffolded, loaded by path, run and scored; and what is said of mistakes in it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from turncoat.checks import check_scenario
from turncoat.cli import app, guarded
from turncoat.errors import OutputError, TurncoatError, UnknownName, UsageError
from turncoat.scenarios import load_scenario
from turncoat.scenarios.new import new_scenario
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
        r"04-fault\.md: body: 'lode' is undefined",
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
        r"04-fault\.md: key 'from': Field required",
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
        r"pool 'firm_stems' version 1: not there; there are",
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
]


@pytest.mark.parametrize(("change", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_mistakes_are_reported_with_file_key_found_and_allowed(
    tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    change(folder)
    try:
        problems = check_scenario(load_scenario(str(folder)), worlds=1).problems
    except TurncoatError as error:
        problems = [str(error)]
    assert any(re.search(message, p) for p in problems), problems
    assert all("\n" not in p for p in problems), "each is one line"
