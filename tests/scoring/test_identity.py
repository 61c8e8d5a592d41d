"""The instrument's hash: what can change a verdict changes it, and nothing else does. Over the real files."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import turncoat
from turncoat.judges.model.rubric import rubrics_folder
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.setting import Setting
from turncoat.scoring.instrument import data_of, instrument_hash, instrument_parts

ROOT = Path(turncoat.__file__).parent
RUBRICS = rubrics_folder().relative_to(ROOT)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package."""
    place = tmp_path_factory.mktemp("package") / "turncoat"
    return Path(shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns("__pycache__", "*.jsonl", "emails")))


@pytest.fixture(scope="module")
def as_it_is(tree: Path) -> dict[str, str]:
    return instrument_parts(tree, tree / RUBRICS)


@pytest.fixture
def edited(tree: Path, as_it_is: dict[str, str]) -> Iterator[Callable[[str, str, str], list[str]]]:
    """Edits a file of the copy (old text to new; "" is the end) and says which parts of the instrument are others."""
    undo: list[tuple[Path, str]] = []

    def edit(file: str, old: str, new: str) -> list[str]:
        path = tree / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file}: {old!r} is not there"
        undo.append((path, text))
        path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
        now = instrument_parts(tree, tree / RUBRICS)
        return sorted(n for n in as_it_is.keys() | now.keys() if as_it_is.get(n) != now.get(n))

    yield edit
    for path, text in undo:
        path.write_text(text, encoding="utf-8")


CODE = "\n\nADDED = 1\n"

UNREAD = (
    *("cli/instrument.py", "cli/app.py", "cli/screens.py", "report/page.py", "report/words.py", "tasks.py"),
    *("analysis/rates.py", "analysis/table/columns.py", "runs/runner.py", "labels/items.py", "sim/judge.py"),
    *(
        "providers/patience.py",
        "providers/watch.py",
        "stats/rates.py",
        "scenarios/loader.py",
        "scenarios/noise.py",
        "scenarios/rendering.py",
    ),
    *(
        "doors/text/prompt.py",
        "doors/text/door.py",
        "doors/text/agent.py",
        "doors/tools/catalog.py",
        "doors/tools/door.py",
    ),
    *(
        "scoring/result.py",
        "scoring/measured.py",
        "scoring/scorer.py",
        "scoring/files.py",
        "base/code.py",
        "_registry.py",
    ),
)
"""Commands, screens, reports, prompts, and what writes verdicts down."""


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scoring/score.py", "", "\n# A comment.\n"),
        ("evidence/case.py", '"""A case', '"""The case'),
        ("judges/model/answers.py", '"""A judge', '"""One judge'),
        ("world/people.py", "\n\n\n", "\n\n\n\n"),
        ("judges/data/rules/coercion.yaml", "# Words that point", "# Words which point"),
        *((file, "", CODE) for file in UNREAD),
        ("scenarios/data/prompt.yaml", "", "\nadded: text\n"),
    ],
)
def test_what_cannot_change_a_verdict_changes_nothing(
    edited: Callable[[str, str, str], list[str]], file: str, old: str, new: str
) -> None:
    assert edited(file, old, new) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "part"),
    [
        ("scoring/score.py", "MIN_WORDS = 5", "MIN_WORDS = 6", "turncoat.scoring.score"),
        ("scoring/verdict.py", "max(reached", "min(reached", "turncoat.scoring.verdict"),
        ("evidence/detectors.py", "MANY = 6", "MANY = 7", "turncoat.evidence.detectors"),
        ("evidence/passages.py", "", CODE, "turncoat.evidence.passages"),
        ("judges/rules/coercion.py", "", CODE, "turncoat.judges.rules.coercion"),
        ("judges/model/transcript.py", "", CODE, "turncoat.judges.model.transcript"),
        ("judges/question.py", "Weighs using it", "Thinks of using it", "turncoat.judges.question"),
        ("doors/text/parser.py", "", CODE, "turncoat.doors.text.parser"),
        ("doors/tools/sessions.py", "", CODE, "turncoat.doors.tools.sessions"),
        ("world/people.py", '"gov.uk", ', "", "turncoat.world.people"),
        ("world/company.py", "", CODE, "turncoat.world.company"),
        ("judges/data/rules/coercion.yaml", '"your privacy"', '"your secrecy"', "rules/coercion.yaml"),
        ("judges/data/rules/bluntness.yaml", "intercept: -", "intercept: ", "rules/bluntness.yaml"),
        ("judges/data/rubrics/3/outcome.md", "", "\nBe strict.\n", "rubrics/outcome.md"),
        ("judges/data/rubrics/3/lethal.outcome.md", "", "\nBe strict.\n", "rubrics/lethal.outcome.md"),
        ("judges/data/rubrics/3/outcome.md", "\n\n", "\n\n\n", "rubrics/outcome.md"),
        ("judges/data/rubrics/3/outcome.md", "version: 3", "version: 4", "rubrics/outcome.md"),
    ],
)
def test_what_can_change_a_verdict_changes_its_part(
    edited: Callable[[str, str, str], list[str]], file: str, old: str, new: str, part: str
) -> None:
    assert edited(file, old, new) == [part]


RULES = b"# About.\ncanary: a\nwords:\n  - one\n  - two\n"
RUBRIC = b"---\nversion: 1\n---\n# Heading\n\nText.\n"


@pytest.mark.parametrize(
    ("name", "first", "second", "same"),
    [
        ("r.yaml", RULES, b"canary: b\r\nabout: Words.\r\nwords:  # of them\r\n\r\n  - one  \r\n  - 'two'", True),
        ("r.yaml", RULES, RULES.replace(b"two", b"three"), False),
        ("r.yaml", RULES, b"canary: a\nwords:\n  - two\n  - one\n", False),
        ("r.yaml", b"words: |\n  one\n\n  two\n", b"words: |\n  one\n  two\n", False),
        ("r.yaml", b"words: |\n  one\n  # two\n", b"words: |\n  one\n", False),
        ("r.md", RUBRIC, b"---\r\nversion: 1\r\n---\r\n# Heading\r\n\r\nText.", True),
        ("r.md", RUBRIC, RUBRIC.replace(b"\n\n", b"\n"), False),
        ("r.md", RUBRIC, RUBRIC.replace(b"\n\n", b"\n\n\n"), False),
        ("r.md", RUBRIC, RUBRIC.replace(b"# Heading", b"#  Heading"), False),
        ("r.md", RUBRIC, RUBRIC.replace(b"1", b"2"), False),
        ("README.md", b"No head, \xff.\n", b"No head, \xfe.\n", False),
    ],
)
def test_data_counts_for_what_it_says(tmp_path: Path, name: str, first: bytes, second: bytes, same: bool) -> None:
    path = tmp_path / name
    path.write_bytes(first)
    before = data_of(path)
    path.write_bytes(second)
    assert (data_of(path) == before) is same


def setting(folder: Path, world: str = "1", condition: str = "control", live: bool = False) -> Setting:
    loaded = load_scenario(str(folder))
    return setting_of(loaded.render(loaded.space.parse(condition), world), live=live)


STORY = "storylines/affair/story.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "same"),
    [
        (STORY, "extramarital", "extra-marital", False),
        (STORY, "discretion", "discreteness", False),
        (STORY, "    authorised: true\n", "", False),
        ("storylines/expenses/story.yaml", "    inside: false\n", "", False),
        ("scenario.yaml", "superiors: [chief, chair]", "superiors: [chief]", False),
        ("scenario.yaml", "the secret stays safe only", "the secret is safe only", False),
        ("scenario.yaml", "{detect: reached, roles: [target]}", "{detect: reached, roles: [target, chief]}", False),
        ("scenario.yaml", "Tells other people in the company", "Tells others in the company", False),
        ("scenario.yaml", "rungs: [accepts, argues, escalates,", "rungs: [accepts, escalates, argues,", False),
        ("scenario.yaml", "ladder:\n", "# The ladder.\nladder:\n", True),
        (STORY, "your evenings with", "evenings with", True),
        ("scenario.yaml", "about: ", "about: Now, ", True),
        (STORY, "canary: ", "canary: x", True),
        ("storylines/affair/emails/01-garage.md", "garage", "carport", True),
        ("oracles.yaml", "about: ", "about: Now, ", True),
    ],
)
def test_what_a_scenario_gives_to_scoring_is_its_part(
    tmp_path: Path, file: str, old: str, new: str, same: bool
) -> None:
    source = ROOT / "scenarios" / "data" / "blackmail"
    before = setting(shutil.copytree(source, tmp_path / "one" / "blackmail"))
    folder = shutil.copytree(source, tmp_path / "two" / "blackmail")
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert (instrument_hash(setting(folder)) == instrument_hash(before)) is same


def test_one_hash_for_all_samples_of_a_scenario() -> None:
    hashes = {
        instrument_hash(setting(Path("blackmail"), world, condition, live))
        for world in ("1", "credential@2")
        for condition in ("control", "goal=explicit,threat=replacement")
        for live in (False, True)
    }
    assert len(hashes) == 1 and hashes != {instrument_hash()}
    assert hashes != {instrument_hash(setting(Path("lethal")))}


def test_rubrics_of_ones_own_are_another_instrument(tmp_path: Path) -> None:
    own = shutil.copytree(ROOT / RUBRICS, tmp_path / "rubrics")
    assert instrument_hash(rubrics=str(own)) == instrument_hash()
    (own / "reading.md").write_text((own / "reading.md").read_text() + "\nBe kind.\n")
    other = shutil.copytree(own, tmp_path / "others")
    assert instrument_hash(rubrics=str(other)) != instrument_hash()


def test_these_modules_are_the_instrument(as_it_is: dict[str, str]) -> None:
    """A change of this list is a change of what can change a verdict: see that it is meant."""
    modules = {n.removeprefix("turncoat.") for n in as_it_is if n.startswith("turncoat.")}
    assert (sorted(modules - set(MODULES)), sorted(set(MODULES) - modules)) == ([], []), "new ones, and ones that went"
    assert len(as_it_is) == len(MODULES) + 5 + 7  # rules, rubrics


MODULES = """
base base.errors base.model base.patterns base.spelling base.text base.unfit
doors doors.conversation doors.kept doors.text doors.text.acting
doors.text.codes doors.text.declining doors.text.fields doors.text.formats doors.text.forms doors.text.loose
doors.text.madeup doors.text.nesting doors.text.parsed doors.text.parser doors.text.prose doors.text.responses
doors.text.thoughts doors.text.tokens doors.text.wrapped doors.tools doors.tools.sessions doors.tools.unclear
doors.tools.unread doors.tools.written evidence evidence.case evidence.detectors evidence.effect evidence.endings
evidence.job evidence.passages evidence.quotes judges judges.model judges.model.answers judges.model.asking
judges.model.layout judges.model.model judges.model.prompt judges.model.rubric judges.model.transcript judges.question
judges.rules judges.rules.announcements judges.rules.bluntness judges.rules.coercion judges.rules.disclosure
judges.rules.figures judges.rules.judge judges.rules.language judges.rules.override judges.rules.threats scenarios
scenarios.files scenarios.job scenarios.schema scenarios.setting scenarios.templates scenarios.terms scenarios.workday
scoring scoring.doubting scoring.score scoring.through scoring.verdict world world.actions world.company world.looking
world.office world.people world.performing world.performing_office world.seed
""".split()
