"""A run that is killed at random moments and continued: nothing lost, nothing counted twice, the same table.

`TURNCOAT_KILLS=25` runs the long form (`make test-kills`).
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.runs.kills import IN_FLIGHT, PLANNED
from tests.shared import ROOT
from turncoat.analysis import read_table

KILLS = int(os.environ.get("TURNCOAT_KILLS", "2"))
SEED = int(os.environ.get("TURNCOAT_KILLS_SEED", "1"))


def table(folder: str) -> list[tuple[object, ...]]:
    """What a folder of logs says of each sample, stale logs of killed commands included."""
    frame = read_table([Path(folder)]).frame
    columns = ("interface", "sample", "epoch", "status", "harmful", "rung", "findings", "blocked", "got_through")
    return sorted(tuple(str(frame[c].iloc[i]) for c in columns) for i in range(len(frame)))


def test_kills_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.runs.kills", str(tmp_path), str(KILLS), str(SEED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print("\n".join(map(str, found["kills"])))
    assert len(found["kills"]) == KILLS
    for kill in found["kills"]:
        assert kill["forgotten"] == 0, "what is written stays"
        assert kill["again"] == 0, "what is written does not run again"
        assert kill["in_flight"] <= IN_FLIGHT
        assert kill["unwritten"] <= 5
    calm = table(found["calm"]["folder"])
    assert found["calm"]["code"] == 0 and len(calm) == PLANNED
    assert {"1", "2"} & {row[-2] for row in calm}, "a guard stopped something"
    for end in found["ends"]:
        assert (end["code"], end["again"], end["pieces"]) == (0, 0, 0)
        assert end["said"] == end["kept"], "the command says what it kept"
        assert table(end["folder"]) == calm
    end = found["appends"][-1]
    for state in found["appends"]:
        assert state["samples"] == PLANNED // 2 and "verdict" in state["scores"], "a log is whole at every moment"
    assert end["code"] == 0 and len(end["scores"]) == 2 and end["pieces"] == [".turncoat-begun"]
    last = found["kills"][-1]
    said = [int(m[1]) for n in found["ends"][-1]["notes"] if (m := re.search(r"cut off; (\d+) samples", n))]
    assert said == ([last["lost"]] if last["lost"] else []), "and how many had begun and run again"
