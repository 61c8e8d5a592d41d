"""What there is to choose from: each kind in lines that can be used as they stand."""

import json
import subprocess
import sys

import pytest

from tests.cli.test_cli import turncoat
from turncoat.cli.listing import KINDS
from turncoat.scenarios.loader import load_scenario, scenario_names


@pytest.fixture(scope="module")
def listed() -> dict[str, list[dict[str, str]]]:
    program = "from turncoat.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program, "list", "--json"], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_every_kind_is_there_with_a_line_for_each(listed: dict[str, list[dict[str, str]]]) -> None:
    assert [*listed] == [k for k in KINDS if k != "levels"]
    assert {"blackmail", "espionage", "lethal"} <= {row["name"] for row in listed["scenarios"]}
    assert {"text", "tools", "mcp"} <= {row["name"] for row in listed["doors"]}
    assert not [row for row in listed["factors"] if row["about"] != row["about"].rstrip(" ,")]
    rows = [row for kind, found in listed.items() if kind != "guards" for row in found]
    assert all(row["name"] and row["about"] and "\n" not in row["about"] for row in rows)


@pytest.mark.parametrize("scenario", scenario_names())
def test_levels_and_conditions_that_are_listed_can_be_chosen(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    space = load_scenario(scenario).space
    code, out, _ = turncoat(capsys, "list", "levels", scenario, "--json")
    levels = [row["name"] for row in json.loads(out)["levels"]]
    assert code == 0 and levels == [f"{f}={level}" for f in space.factors for level in space.factors[f].levels]
    code, out, _ = turncoat(capsys, "list", "conditions", scenario, "--json")
    for row in json.loads(out)["conditions"][:-1]:
        assert space.parse(row["name"]).id == row["name"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "factor"], ["'factor'", "factors"]),
        (["list", "studies", "blackmail"], ["a scenario goes with", "factors"]),
        (["list", "factors", "blackmial"], ["blackmial", "blackmail"]),
    ],
)
def test_what_is_no_kind_is_one_line(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = turncoat(capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1) and all(word in err for word in words), err


def test_a_list_of_scenarios_does_not_import_the_framework() -> None:
    program = "import sys\nfrom turncoat.cli import app\ntry: app(['list', 'factors', 'blackmail'])\n"
    program += "except SystemExit: pass\nassert 'inspect_ai' not in sys.modules and 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize("command", [[], ["run"], ["list"], ["compare"], ["serve"]])
def test_help_comes_by_its_short_name_too(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = turncoat(capsys, *command, "-h")
    assert code == 0 and out.startswith("Usage: ")
