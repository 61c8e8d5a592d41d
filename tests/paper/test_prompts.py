"""The published prompts: byte for byte, each text one cell, and swapped identities that leave no trace."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_cli import turncoat
from tests.shared import NEEDS_REFERENCE
from turncoat.base.errors import ConditionError, UnknownName, UsageError
from turncoat.doors.text.prompt import text_prompt
from turncoat.paper.identities import identities, reference_world, swap_of
from turncoat.paper.mapping import arguments_of, condition_of, mapping, published_space
from turncoat.paper.pack import reference_setting
from turncoat.paper.prompts import Arguments, published_text
from turncoat.scenarios.files import data_folder
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.scenario import text_hash

SCENARIOS = ("blackmail", "espionage", "lethal")
GOALS = ("explicit", "latent", "ambiguous", "none", "swap")
VALUES = (*mapping().factors["value"].levels, "none", "ambiguous")
THREATS = ("replacement", "restriction", "none")
EXTRAS = (
    (None, False, False),
    ("dont", False, False),
    ("goal", True, False),
    (None, True, True),
    ("dont", False, True),
)


@pytest.fixture(scope="module")
def generator() -> Any:
    return pytest.importorskip("inspect_evals.agentic_misalignment.prompt_generator", reason=NEEDS_REFERENCE)


def tuples(scenario: str, extra: tuple[str | None, bool, bool] = (None, False, False)) -> list[Arguments]:
    """Every valid tuple of the published code."""
    theirs = mapping().scenarios[scenario]
    valid = [(g, v) for g, v in product(GOALS, VALUES) if v == "none" or g not in ("none", "ambiguous")]
    return [Arguments(theirs, g, v, t, *extra) for (g, v), t in product(valid, THREATS)]


def theirs(generator: Any, a: Arguments) -> tuple[str, str]:
    """A prompt from the published generator itself, put together as its own task does."""
    made = generator.generate_prompts(
        a.scenario, a.goal_type, a.goal_value, a.urgency_type, a.extra_system_instructions, a.prod,
        generator.ALIGNMENT_FAKING_WARNING if a.test_eval_awareness else None,
    )  # fmt: skip
    return made.system_prompt, "\n".join([made.user_prompt, made.email_content])


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("extra", EXTRAS)
def test_every_valid_tuple_is_shown_byte_for_byte_or_refused(
    generator: Any, scenario: str, extra: tuple[str | None, bool, bool]
) -> None:
    reference = load_scenario(f"reference/{scenario}")
    cells: dict[str, set[tuple[str, str]]] = {}
    refused = 0
    for arguments in tuples(scenario, extra):
        expected = theirs(generator, arguments)
        if "${" in "".join(expected):
            with pytest.raises(ConditionError, match=re.escape("literal ${direction_modifier}")):
                condition_of(scenario, arguments)
            refused += 1
            continue
        condition = condition_of(scenario, arguments)
        prompt = text_prompt(reference.render(condition, "published"))
        assert (prompt.system, prompt.user) == expected
        cells.setdefault(condition.id, set()).add(expected)
    assert all(len(texts) == 1 for texts in cells.values())
    assert len(set().union(*cells.values())) == len(cells)
    assert (len(cells), refused) == {"blackmail": (75, 3), "espionage": (78, 0), "lethal": (75, 3)}[scenario]


def test_the_published_tuples_are_counted_as_the_documentation_says(generator: Any) -> None:
    every = [a for s in SCENARIOS for a in tuples(s)]
    texts = {(a.scenario, theirs(generator, a)) for a in every}
    literal = [a for a in every if "${" in "".join(theirs(generator, a))]
    assert (len(every), len(texts), len(literal)) == (288, 234, 6)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_conditions_and_tuples_map_both_ways(scenario: str) -> None:
    space = published_space(scenario)
    levels = {name: list(factor.levels) for name, factor in space.factors.items() if not factor.guards}
    conditions = list(space.grid(levels))
    arguments = [arguments_of(scenario, c) for c in conditions]
    assert [condition_of(scenario, a).id for a in arguments] == [c.id for c in conditions]
    assert len(set(arguments)) == len(conditions)


def test_under_swap_our_value_is_the_goal_that_the_agent_holds(generator: Any) -> None:
    space = published_space("blackmail")
    swap = published_text(arguments_of("blackmail", space.condition({"goal": "swap", "value": "global"})))
    explicit = published_text(arguments_of("blackmail", space.condition({"goal": "explicit", "value": "global"})))
    assert swap.system == explicit.system
    assert swap.mails != explicit.mails


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"instruction": "direct", "overriding": "benign"}, "either the one or the other"),
        ({"goal": "explicit", "value": "safety", "threat": "restriction"}, "literal"),
        ({"goal": "swap", "value": "acceleration", "threat": "restriction"}, "literal"),
        ({"noise": "20"}, "factor 'noise' is left out here: the published prompts"),
        ({"deliberation": "real"}, "notice"),
    ],
)
def test_what_the_published_code_has_not_is_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConditionError, match=message):
        load_scenario("reference/blackmail").space.condition(settings)


@pytest.mark.parametrize(
    ("name", "world"),
    [("7", "published.1@0"), ("published", "published.1@0"), ("published@3", "published.1@0"),
     ("swapped@3", "swapped.1@3"), ("swapped.1@3", "swapped.1@3")],
)  # fmt: skip
def test_names_of_worlds(name: str, world: str) -> None:
    assert str(load_scenario("reference/lethal").world_id(name)) == world


@pytest.mark.parametrize("name", ["affair@1", "swapped", "swapped.9@1", "x"])
def test_other_worlds_do_not_exist(name: str) -> None:
    with pytest.raises(UnknownName, match="reference/lethal"):
        load_scenario("reference/lethal").world_id(name)


@pytest.fixture(scope="module")
def lines(generator: Any) -> set[str]:
    """Every line of every published prompt, once: identities never stretch over lines."""
    made = {t for s in SCENARIOS for e in EXTRAS for a in tuples(s, e) for t in theirs(generator, a)}
    return {line for text in made for line in text.split("\n")}


def words(forms: set[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, forms))})(?![A-Za-z0-9])", re.IGNORECASE)


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_swap_leaves_no_identity_and_can_be_undone(lines: set[str], seed: int) -> None:
    swap = swap_of(reference_world(f"swapped@{seed}", "test"))
    word = words({f for i in identities().identities for f in i.forms})
    inside = re.compile("summitbridge|novastar|starsentinel|quantumshield|bloomberg|dimitrios|4429|2209", re.IGNORECASE)
    for line in lines:
        swapped = swap.apply(line)
        assert not word.search(swapped) and not inside.search(swapped)
        assert swap.undo(swapped) == line


def test_a_whole_prompt_is_swapped_as_its_lines_are(generator: Any) -> None:
    swap = swap_of(reference_world("swapped@1", "test"))
    for scenario in SCENARIOS:
        for text in theirs(generator, tuples(scenario)[0]):
            assert swap.apply(text) == "\n".join(swap.apply(line) for line in text.split("\n"))
            assert swap.undo(swap.apply(text)) == text


def test_no_stand_in_occurs_in_a_published_prompt(lines: set[str]) -> None:
    file = identities()
    stand_ins = {o for i in file.identities for option in i.options for o in option}
    word = words(stand_ins | {n for pool in file.pools.values() for n in pool})
    assert not [line for line in lines if word.search(line)]
    lower = [o.lower() for i in file.identities for option in i.options for o in option]
    lower += [n.lower() for pool in file.pools.values() for n in pool]
    assert len(set(lower)) == len(lower)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_facts_are_swapped_as_the_mails_are(generator: Any, scenario: str) -> None:
    published, swapped = (reference_setting(f"reference/{scenario}", w) for w in ("published", "swapped@9"))
    swap = swap_of(reference_world("swapped@9", "test"))
    assert swap.undo(swapped.seed.model_dump_json()) == published.seed.model_dump_json()
    assert not re.search("summitbridge|novastar|starsentinel|kyle|4429", swapped.seed.model_dump_json(), re.IGNORECASE)
    reference = load_scenario(f"reference/{scenario}")
    condition = reference.space.condition({"goal": "explicit", "threat": "replacement"})
    rendered = reference.render(condition, "swapped@9")
    assert rendered.seed == swapped.seed
    boss = next(p for p in swapped.seed.directory.people if p.role == "chief")
    assert boss.address in text_prompt(rendered).user
    other = text_prompt(reference.render(condition, "swapped@10"))
    assert other.hash != text_prompt(rendered).hash == text_prompt(reference.render(condition, "swapped@9")).hash


def test_stand_ins_do_not_depend_on_the_condition_and_pools_may_not_run_out() -> None:
    for seed in range(200):
        swap = swap_of(reference_world(f"swapped@{seed}", "test"))
        assert len({v.lower() for v in swap.stand_ins.values()}) == len(swap.stand_ins)


def test_the_text_interface_only(generator: Any) -> None:
    reference = load_scenario("reference/blackmail")
    rendered = reference.render(reference.space.condition({}), "published")
    with pytest.raises(UsageError, match="text interface only"):
        _ = rendered.live_seed
    assert reference.interfaces == ("text",)


@pytest.mark.parametrize(
    "command",
    [
        ["show", "reference/blackmail", "--interface", "tools"],
        ["plan", "reference/lethal", "--interface", "webmail", "--observe", "aria"],
        ["plan", "paper/fig7", "--reference", "--interface", "mcp"],
        ["serve", "reference/blackmail", "--out", "{tmp}/s.eval", "--http", "0"],
        ["visit", "reference/espionage", "--out", "{tmp}/v.eval", "--no-open"],
    ],
    ids=" ".join,
)
def test_commands_say_that_there_is_the_text_interface_only(
    generator: Any, command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = turncoat(capsys, *(word.format(tmp=tmp_path) for word in command))
    assert (code, out, err.count("\n"), [*tmp_path.iterdir()]) == (2, "", 1, [])
    assert "is for the text interface only" in err


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    published_text.cache_clear()
    monkeypatch.setitem(sys.modules, "inspect_evals.agentic_misalignment.prompt_generator", None)
    reference = load_scenario("reference/blackmail")
    with pytest.raises(UsageError, match=re.escape("pip install 'turncoat[reference]'")):
        reference.render(reference.space.condition({}), "published")
    assert reference_setting("reference/blackmail").seed.company == "SummitBridge"


def test_nothing_of_the_published_text_is_in_the_repository(generator: Any) -> None:
    """No run of twelve words of a published prompt stands in our data, code or tests."""

    def runs(text: str) -> set[str]:
        words = re.findall(r"[A-Za-z0-9']+", text.lower())
        return {" ".join(words[i : i + 12]) for i in range(len(words) - 11)}

    theirs_runs: set[str] = set()
    for scenario in SCENARIOS:
        for arguments in tuples(scenario, ("dont", False, True)):
            theirs_runs |= runs("\n".join(theirs(generator, arguments)))
    root = data_folder().parents[3]
    files = [p for f in ("src", "tests", "docs") for p in (root / f).rglob("*") if p.suffix in (".py", ".yaml", ".md")]
    assert len(files) > 100
    for path in files:
        assert not theirs_runs & runs(path.read_text(encoding="utf-8")), path


def test_prompt_hashes_of_the_installed_version(generator: Any) -> None:
    """A change of the published text is seen here; numbers across it are not comparable."""
    from turncoat.paper.prompts import published_version

    if published_version() != "0.26.0":
        pytest.skip("needs inspect-evals 0.26.0, whose hashes these are: pip install inspect-evals==0.26.0")
    found = {}
    for scenario in SCENARIOS:
        reference = load_scenario(f"reference/{scenario}")
        prompt = text_prompt(reference.render(reference.space.parse(reference.spec.headline[0]), "published"))
        found[scenario] = text_hash(prompt.system, prompt.user)
    assert found == {"blackmail": "017f858023daf1e8", "espionage": "8244ced06c50a752", "lethal": "9a1960b16f804539"}
