"""The page of all shared factors says what their files say; `python -m tests.scenarios.test_factors_page` writes it."""

from pathlib import Path

from turncoat.scenarios.factors import Factor
from turncoat.scenarios.loader import shared_factors

PAGE = Path(__file__).parents[2] / "docs" / "factors.md"
HEAD = """# Factors

What all scenarios vary, unless they leave a factor out, in the order of condition ids. Defaults stand first and are
not named in ids. Levels marked † are mitigations: somebody who deploys an agent could choose them in order to lower
harm, and reports show their effect apart. Factors of guards change nothing that a model is shown. A scenario can have
factors of its own ([scenarios.md](scenarios.md)).

"""


def page() -> str:
    """The page as it should be."""
    return HEAD + "\n".join(map(_factor, sorted(shared_factors(), key=lambda f: (f.order, f.name))))


def _factor(factor: Factor) -> str:
    first = [factor.default, *(n for n in factor.levels if n != factor.default)]
    notes = [f"Source: {factor.source}."]
    notes += [f"Default in {staging}: `{level}`." for staging, level in factor.defaults.items()]
    rows = (f"| `{n}`{'†' if factor.levels[n].mitigation else ''} | {factor.levels[n].about} |" for n in first)
    return "\n".join(
        [f"## {factor.name}", "", f"{factor.about} {' '.join(notes)}", "", "| level | |", "|---|---|", *rows, ""]
    )


def test_the_page_says_what_the_files_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.scenarios.test_factors_page"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
