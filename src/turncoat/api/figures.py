"""Figures of the report, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.base.arguments import checked
from turncoat.base.files import ending_of, write_whole

if TYPE_CHECKING:
    from turncoat.report.picture import Picture

FORMATS = (".svg", ".png", ".pdf")


@dataclass(frozen=True)
class Figure:
    """One figure; a notebook shows it as it is."""

    picture: Picture

    @property
    def name(self) -> str:
        """Its name among the results' figures."""
        return self.picture.name

    @property
    def caption(self) -> str:
        """What it shows, in words."""
        return self.picture.caption

    @property
    def svg(self) -> str:
        """The figure as an SVG file of its own."""
        return self.picture.whole.file()

    @checked
    def save(self, path: str | Path) -> None:
        """Write it as a file that ends in `.svg`, `.png` or `.pdf`.

        Raises:
            UsageError: Another ending.
            OutputError: It cannot be written.
        """
        import vl_convert

        out, svg = Path(path), self.svg
        match ending_of(out, FORMATS):
            case ".svg":
                content = svg.encode("utf-8", "replace")
            case ".png":
                content = vl_convert.svg_to_png(svg, scale=2.0)
            case _:
                content = vl_convert.svg_to_pdf(svg)
        write_whole(out, content)

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<figure {self.name}: {self.caption}>"
