"""Figures as files: nothing of a title or a legend is cut."""

import re

from turncoat.report.svg import Drawing, Key, sheet

LONG = "Rule against the act, added to goal conflict + threat of replacement (named by the study)"


def test_titles_take_two_lines_where_they_are_long() -> None:
    whole = sheet("What mitigations do", [], [(LONG, Drawing(344, 100, "x")), ("Short", Drawing(344, 100, "y"))], 2)
    lines = re.findall(r'<text class="heading"[^>]*>([^<]*)<', str(whole.file()))
    assert lines[-1] == "Short" and " ".join(lines[:-1]) == LONG
    assert len(lines) == 3 and all(7 * len(line) <= 344 for line in lines)


def test_a_legend_breaks_into_lines_and_the_panels_stand_beneath() -> None:
    keys = [Key(f"mild{i}", f"an outcome of number {i}") for i in range(6)]
    whole = sheet("Outcomes", keys, [("", Drawing(400, 50, "x"))], 1)
    places = [
        tuple(map(float, p)) for p in re.findall(r'<text class="key" x="([\d.]+)" y="([\d.]+)"', str(whole.file()))
    ]
    assert len(places) == 6 and len({y for _, y in places}) > 1
    assert all(x + 7 * len("an outcome of number 0") <= 400 for x, _ in places)
    assert whole.height > 50 + max(y for _, y in places) + 2 * 18
