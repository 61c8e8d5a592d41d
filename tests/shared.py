"""Where tests find a company with known names, and real transcripts, if a folder of them is named."""

import os
from pathlib import Path

import pytest

from turncoat.scenarios.finding import load_facts, setting_of_facts
from turncoat.scenarios.setting import Setting

ROOT = Path(__file__).parent.parent
NEEDS_REFERENCE = "needs inspect-evals: pip install 'turncoat[reference]'"


def transcripts() -> Path:
    """The folder of real transcripts: `TURNCOAT_TRANSCRIPTS`, or `../shared/transcripts` beside the checkout."""
    named = os.environ.get("TURNCOAT_TRANSCRIPTS")
    folder = Path(named) if named else ROOT.parent / "shared" / "transcripts"
    if not (folder / "opus4_api_change_affair.jsonl").is_file():
        pytest.skip("needs real transcripts: name a folder of them in TURNCOAT_TRANSCRIPTS")
    return folder


def reference_setting(name: str) -> Setting:
    """A company with known names for tests of what reads acts: `reference/blackmail`, `…/espionage` or `…/lethal`.

    Its facts are those of the published settings, kept here so that these tests need no plug-in.
    """
    return setting_of_facts(name, load_facts(ROOT / "tests" / "settings" / f"{name.rpartition('/')[2]}.yaml"))
