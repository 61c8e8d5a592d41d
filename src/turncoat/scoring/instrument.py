"""The instrument's identity: a hash over what can change a verdict, and over nothing else.

It is made of three parts. The code: what scoring a case depends on, found by import from `STARTS`, without comments and
docstrings (`turncoat.base.code`). Files that this code reads: the rules as the data that they are, and the rubrics that
are used, whose text a grader is sent to the letter, blank lines too. And what a
scenario gives to scoring, be it shipped, a user's or a pack's: what harm is, roles, the secret, the necessary act, the
ladder, and the facts of all its storylines (`Scenario.facts`). What a model is shown is the stimulus and has its own
hash; labels and reports are no part of the instrument.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from turncoat.base.code import code_of, hash_of
from turncoat.base.code_kept import remembering
from turncoat.judges.model.rubric import rubrics_folder, stamp
from turncoat.scenarios.files import parse_yaml, read_text, shown
from turncoat.scenarios.setting import Setting

STARTS = (
    "turncoat.scoring.score",
    "turncoat.doors.text.responses",
    "turncoat.doors.tools.sessions",
    "turncoat.doors.conversation",
    "turncoat.judges.rules.judge",
    "turncoat.judges.model.model",
    "turncoat.judges.question",
)
"""From a case to its verdict, from what a log keeps to a case, and who reads it. All else follows by import."""

OUTSIDE = ("turncoat.providers", "turncoat.base.simulated")
"""How a judge is reached, waited for and paid changes none of what it says (without an answer there is no verdict), nor
does the word that marks a simulated one."""

UNREAD = frozenset({"canary", "about"})
"""Keys of the rules that nothing reads to score."""

ROOT = Path(__file__).parent.parent


def instrument_hash(setting: Setting | None = None, rubrics: str = "") -> str:
    """First 12 hex digits of the SHA-256 over what makes a verdict.

    Args:
        setting: Where the agent acted; without one, what is the same for all scenarios.
        rubrics: A shipped version of the rubrics or a folder; the current ones if "".

    Raises:
        UnknownName: There are no such rubrics.
    """
    folder = rubrics_folder(rubrics)
    return _hash(folder, stamp(folder), _given(setting) if setting is not None else "")


def _given(setting: Setting) -> str:
    """What the scenario of a setting gives to scoring, the same in all conditions and worlds."""
    said = (setting.harm, setting.roles, setting.secret, setting.judging, setting.necessary)
    return "\n".join((json.dumps(said, sort_keys=True), setting.ladder.model_dump_json(), setting.facts))


@lru_cache(maxsize=256)
def _hash(rubrics: Path, content: str, given: str) -> str:
    return hash_of([*(f"{name} {said}" for name, said in _parts(rubrics, content).items()), given])[:12]


@lru_cache(maxsize=16)
def _parts(rubrics: Path, content: str) -> dict[str, str]:
    return instrument_parts(ROOT, rubrics)


def instrument_parts(root: Path, rubrics: Path) -> dict[str, str]:
    """What makes verdicts in all scenarios: names of modules and of files of data, each with the hash of what it says.

    Args:
        root: Folder of the package.
        rubrics: Folder of the rubrics.
    """
    rules = root / "judges" / "data" / "rules"
    said = {f"rules/{p.name}": data_of(p) for p in sorted(rules.glob("*.yaml"))}
    said |= {f"rubrics/{p.name}": data_of(p) for p in sorted(rubrics.glob("*.md"))}
    with remembering() as read:
        return code_of(root, STARTS, OUTSIDE, read) | said


def data_of(path: Path) -> str:
    """Hash of what a file says to whoever scores by it: of YAML its data, of a text every sign between its ends.

    Raises:
        ScenarioError: A YAML file is not valid.
    """
    if path.suffix != ".yaml":
        text = path.read_bytes().decode("utf-8", "backslashreplace")
        return hash_of([text.replace("\r\n", "\n").strip()])
    data = parse_yaml(read_text(path, path.parent), shown(path))
    return hash_of([json.dumps({k: v for k, v in data.items() if k not in UNREAD}, default=str)])
