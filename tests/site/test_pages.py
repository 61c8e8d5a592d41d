"""The site's pages: all stand in the navigation, say for whom they are, and links are seen to be broken."""

from pathlib import Path

import pytest
import yaml

import turncoat as tc
from tests.shared import ROOT
from tests.site import pages
from tests.site.links import broken_links
from tests.site.transcripts import examples
from tests.site.worlds import worlds
from turncoat.cli import app
from turncoat.scenarios.loader import load_scenario, scenario_names

CONFIG = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
NAVIGATION = [*pages.pages_in_navigation(yaml.safe_load(CONFIG)["nav"])]
KEPT = sorted(str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md"))


def test_the_navigation_names_every_page_once() -> None:
    assert len(NAVIGATION) == len({*NAVIGATION})
    missing, gone = {*KEPT, *pages.WRITTEN} - {*NAVIGATION}, {*NAVIGATION} - {*KEPT, *pages.WRITTEN}
    assert not missing and not gone, f"nav in mkdocs.yml: add {missing or 'nothing'}, take out {gone or 'nothing'}"


@pytest.mark.parametrize("page", [p for p in KEPT if p not in pages.HEADS])
def test_a_page_says_for_whom_it_is(page: str) -> None:
    title, blank, whom, after, *_ = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    assert title.startswith("# ") and blank == ""
    assert whom.startswith("> **For** ") and whom.endswith((".", ":"))
    assert after.startswith("> **Afterwards** you can ")


def test_pages_are_written_from_the_program() -> None:
    commands, python, names = pages.commands(), pages.python(), pages.names()
    for name in (c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands if not c.hidden):
        assert f"\n## {name.removesuffix('_command').replace('_', '-')}\n" in commands
    assert all(f".{name}\n" in python for name in tc.__all__)
    assert "`guards/ladder`" in names and "(simulated)" in names
    for page in (commands, python, names):
        assert page.splitlines()[2].startswith("> **For** ")


def test_links_are_seen_to_be_broken(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there">x</a><a href="b.html#gone">x</a><a href="c.html">x</a><a href="../out.html">x</a>'
        '<script src="https://cdn.example/x.js"></script><img src="none.png"><a href="https://example.org">x</a>'
    )
    (tmp_path / "b.html").write_text('<h1 id="there">x</h1><a href="#there">x</a>')
    assert broken_links(tmp_path) == [
        "a.html: b.html#gone: there is no such anchor",
        "a.html: c.html: there is no such page or file",
        "a.html: ../out.html: there is no such page or file",
        "a.html: https://cdn.example/x.js: is loaded from elsewhere",
        "a.html: none.png: there is no such page or file",
    ]


def test_marks_of_commands_are_shown() -> None:
    assert 'title="needs a key"' in pages.marked('```console skip="needs a key"\n$ turncoat run\n```\n')
    assert pages.marked("```console\n$ turncoat list\n```\n") == "```console\n$ turncoat list\n```\n"


def test_transcripts_are_six_and_differ() -> None:
    assert len({(e.scenario, e.planted, e.interface, e.world, e.guard) for e in examples()}) == 6


def test_private_storylines_are_in_no_gallery() -> None:
    page = worlds()
    for name in scenario_names():
        stories = load_scenario(name).storylines.values()
        shown = {s.name for s in stories if f"{{#{name}-{s.name}}}" in page}
        assert shown == {s.name for s in stories if s.spec.split == "public"} != {s.name for s in stories}
