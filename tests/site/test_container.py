"""The recipe of the image: what it copies, installs and starts is there. Building it is no test."""

import json
import re
import tomllib

import pytest

from tests.shared import ROOT

RECIPE = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text(encoding="utf-8"))
LINES = [line.split(maxsplit=1) for line in RECIPE.splitlines() if line and not line.startswith("#")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COPIED = {
    name.strip("/"): into for word, said in LINES if word == "COPY" for *names, into in [said.split()] for name in names
}


def test_its_lines_are_instructions_in_their_order() -> None:
    words = [word for word, _ in LINES]
    assert words[0] == "FROM" and words[-2:] == ["ENTRYPOINT", "CMD"]
    assert {*words} <= {"FROM", "RUN", "COPY", "USER", "WORKDIR", "ENTRYPOINT", "CMD", "ENV"}
    assert words.index("USER") > max(n for n, word in enumerate(words) if word == "RUN")  # nothing runs as root


@pytest.mark.parametrize("name", COPIED)
def test_what_it_copies_is_there_and_stays_where_the_build_looks(name: str) -> None:
    assert (ROOT / name).exists()
    assert COPIED[name] == (f"/src/{name}" if (ROOT / name).is_dir() else "/src/")


def test_what_the_package_is_built_from_is_copied() -> None:
    project, hatch = PROJECT["project"], PROJECT["tool"]["hatch"]["build"]
    needed = {project["readme"], *(path for path in hatch["targets"]["sdist"]["include"] if (ROOT / path).exists())}
    forced = hatch["targets"].get("wheel", {}).get("force-include", {})
    assert {*needed, *(path.partition("/")[0] for path in forced)} <= {*COPIED}


def test_extras_program_and_python_are_those_of_the_package() -> None:
    project = PROJECT["project"]
    extras = re.search(r'"/src\[([\w,]+)\]"', RECIPE)
    assert extras and {*extras[1].split(",")} <= {*project["optional-dependencies"]}
    assert json.loads(dict(LINES)["ENTRYPOINT"])[0] in project["scripts"]
    version = re.match(r"python:3\.(\d+)-", dict(LINES)["FROM"])
    assert version and int(version[1]) >= int(project["requires-python"].removeprefix(">=3."))
