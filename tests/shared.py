"""Where tests find data that is not the project's: real transcripts, if a folder of them is named."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def transcripts() -> Path:
    """The folder of real transcripts: `TURNCOAT_TRANSCRIPTS`, or `../shared/transcripts` beside the checkout."""
    named = os.environ.get("TURNCOAT_TRANSCRIPTS")
    folder = Path(named) if named else ROOT.parent / "shared" / "transcripts"
    if not (folder / "opus4_api_change_affair.jsonl").is_file():
        pytest.skip("no folder of real transcripts (set TURNCOAT_TRANSCRIPTS)")
    return folder
