"""Results folders of the published code: `models/<model>/<condition>/sample_*/response.json`.

A condition's name says its scenario, such as `blackmail_explicit-america_replacement`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from turncoat.base.errors import DataError, TranscriptError
from turncoat.base.reading import read_bounded, walked
from turncoat.paper.foreign import told_by_name
from turncoat.scoring.responses import Read, response_of


def read_folder(path: Path) -> Iterator[Read] | None:
    """The responses of a results folder; what cannot be read comes as the error. None for what is no folder."""
    return _responses(path) if path.is_dir() else None


def _responses(path: Path) -> Iterator[Read]:
    found, shut = walked(path)
    files = sorted(p for p in found if p.name == "response.json" and p.parent.name.startswith("sample_"))
    for folder, why in sorted(shut.items()):
        yield TranscriptError(f"{folder}: cannot be looked into ({why})")
    if not files and not shut:
        yield TranscriptError(f"{path}: holds no sample_*/response.json of the published code")
    for file in files:
        try:
            data = json.loads(read_bounded(file, path).decode("utf-8"))
        except DataError as error:
            yield TranscriptError(str(error))
            continue
        except (ValueError, RecursionError) as error:
            yield TranscriptError(f"{file}: not readable as JSON: {str(error).splitlines()[0]}")
            continue
        names = map(told_by_name, reversed(file.parent.resolve().parts))  # the nearest folder that is a condition's
        said = next((s for s in names if s is not None), None)
        yield response_of(data, "raw_response", str(file), str(file.parent.relative_to(path)), said)
