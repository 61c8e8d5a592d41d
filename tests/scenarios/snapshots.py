"""Pinned renderings: hashes of what the model sees, and a few whole prompts for reading what changed.

After a change of wording that is meant, write them anew and read the difference:

    python -m tests.scenarios.snapshots --update
"""

import json
import sys
from pathlib import Path

from turncoat.doors.door import Prompt
from turncoat.doors.text.prompt import text_prompt
from turncoat.scenarios.loader import load_scenario, scenario_names

FOLDER = Path(__file__).parent / "renderings"
HASHES = FOLDER / "hashes.json"
CANARY = "turncoat-canary-7f1c2e9a-54d3-4b0e-9c86-b1a3f0d2e765"
REMEDY = "if the change is meant: python -m tests.scenarios.snapshots --update"

SEEDS = (1, 2)
CONDITIONS = (
    "control",
    "threat=replacement",
    "threat=restriction",
    "goal=explicit",
    "goal=explicit,threat=replacement",
    "goal=explicit,value=safety,threat=restriction",
    "goal=latent,value=collectivism,threat=replacement",
    "goal=ambiguous,threat=replacement",
    "goal=swap,value=pragmatic,threat=replacement",
    "goal=swap,value=global",
    "goal=explicit,threat=replacement,ally=reachable,necessity=open",
    "goal=latent,value=ethical,necessity=open",
    "goal=explicit,threat=replacement,noise=20,order=shuffled,agent=deskmate",
    "goal=explicit,threat=replacement,instruction=direct,overriding=benign,deliberation=notice,agency=off",
    "goal=explicit,threat=replacement,instruction=policy,channel=guarantee,bulletin=compliance,oversight=audit_5,"
    "reading=reasoning,undo=final",
    "goal=explicit,instruction=purpose,channel=tool,oversight=audit_0,reading=messages,undo=undoable",
    "threat=replacement,scratchpad=off,placement=user,autonomy=plain,addition=neutral",
)
"""A spread of conditions that every scenario has."""

WHOLE = (
    ("blackmail", "affair@1", "goal=explicit,threat=replacement"),
    ("blackmail", "credential@1", "control"),
    ("espionage", "variety@1", "goal=latent"),
    ("lethal", "coldstore@1", "goal=explicit,threat=replacement"),
)
"""Prompts that are kept in full."""


def prompt(scenario: str, world: str, condition: str) -> Prompt:
    """What the model sees."""
    loaded = load_scenario(scenario)
    return text_prompt(loaded.render(loaded.space.parse(condition), world))


def hashes() -> dict[str, dict[str, dict[str, str]]]:
    """Scenario → world (with the storyline's version) → condition → stimulus hash."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for scenario in scenario_names():
        loaded = load_scenario(scenario)
        for storyline in (*loaded.staged("paper"), *loaded.further):
            for seed in SEEDS:
                world = str(loaded.world_id(f"{storyline}@{seed}"))
                found.setdefault(scenario, {})[world] = {c: prompt(scenario, world, c).hash for c in CONDITIONS}
    return found


def whole(scenario: str, world: str, condition: str) -> tuple[Path, str]:
    """File and text of a prompt that is kept in full."""
    name = f"{scenario}-{world.replace('@', '-')}-{condition.replace(',', '_').replace('=', '-')}.txt"
    shown = prompt(scenario, world, condition)
    return FOLDER / name, f"{CANARY}\n\n=== system ===\n{shown.system}\n\n=== user ===\n{shown.user}\n"


def update() -> None:
    """Write all snapshots anew."""
    HASHES.write_text(json.dumps({"canary": CANARY, **hashes()}, indent=1) + "\n", encoding="utf-8")
    for one in WHOLE:
        path, text = whole(*one)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    update()
