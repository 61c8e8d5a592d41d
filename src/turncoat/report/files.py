"""Figures as files: SVG, PNG and PDF, made without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from turncoat.base.errors import OutputError
from turncoat.base.files import reason, write_whole
from turncoat.report.figures import Picture

SCALE = 2.0
"""Pixels of a PNG for each unit of its drawing."""


def write_figures(pictures: Sequence[Picture], folder: Path) -> list[Path]:
    """Write each figure as `NN-name.svg`, `.png` and `.pdf`, whole or not at all.

    Args:
        pictures: The figures.
        folder: Where they go; it is made if it does not exist.

    Returns:
        The files.

    Raises:
        OutputError: They cannot be written.
    """
    import vl_convert

    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for picture in pictures:
            svg = picture.whole.file()
            for ending, content in (
                ("svg", svg.encode("utf-8", "replace")),
                ("png", vl_convert.svg_to_png(svg, scale=SCALE)),
                ("pdf", vl_convert.svg_to_pdf(svg)),
            ):
                path = folder / f"{picture.number:02}-{picture.name}.{ending}"
                write_whole(path, content)
                written.append(path)
    except OSError as error:
        raise OutputError(f"{folder}: figures cannot be written ({reason(error)}); choose another folder") from None
    return written
