"""Wherever the name of a simulated model stands, in every output, it is marked as simulated."""

import json
import re
from pathlib import Path

import pytest

from tests.analysis.factory import grid_log
from tests.search.records import SETTINGS, cell, outcomes, round_of, with_rounds
from turncoat.analysis import analyse_logs
from turncoat.base.simulated import MARK, is_simulated, shown
from turncoat.cli import app, guarded
from turncoat.report import write_report
from turncoat.report.figures import pictures
from turncoat.report.names import short_names, written
from turncoat.report.search import explained_md, search_md, search_page
from turncoat.search.confirmed import as_data as search_data
from turncoat.search.pairs import as_data as explained_data
from turncoat.search.pairs import explained

BOTH = "goal=explicit,threat=replacement"
MODELS = ("sim/published-claude-opus-4", "sim/published-gpt-4.1", "sim/insider")
NAMES = re.compile(
    r"(?:sim/)?(?:published-)?(?:claude[- ]opus[- ]4|gpt-4\.1|(?<=sim/)(?:insider|author-[\d.]+|reader[\d-]+))", re.I
)
"""How these models may be called in what people read."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marks")
    for part, shift in (("before", 0.0), ("after", 0.4)):
        for number, model in enumerate(MODELS):
            rates = {"control": 0.0, "threat=replacement": 0.5, "goal=explicit": 0.3, BOTH: 0.5 + shift}
            grid_log(folder / part, rates, model=model, worlds=5, epochs=1, seed=number)
    return folder


def unmarked(text: str) -> list[str]:
    """Names that no mark follows, with what stands around them."""
    plain = " ".join(re.sub(r"[│┃|*`\\]", " ", text).split())
    plain = re.sub(r"\S+\.eval", "", plain)  # files are data
    plain = re.sub(r"\([^()]*, figure \d+ of the paper\)", "", plain)  # the tooltip of the rate of the published one
    return [
        plain[max(0, m.start() - 30) : m.end() + 30]
        for m in NAMES.finditer(plain)
        if not plain[m.end() :].startswith(f" {MARK}")
    ]


def words_of(page: str) -> str:
    """What a page shows; keys in addresses, commands and attributes for programs are data."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page, "html.parser")
    for element in soup(["script", "style", "code"]):
        element.decompose()
    labels = [str(e["aria-label"]) for e in soup.select("[aria-label]")]
    return " ".join([soup.get_text(" "), *labels, *(str(e["data-text"]) for e in soup.select("option[data-text]"))])


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    guarded(lambda standalone_mode: app(list(arguments), standalone_mode=standalone_mode))
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_every_name_in_a_page_a_section_and_the_figures_is_marked(study: Path, tmp_path: Path) -> None:
    write_report([study / "after"], tmp_path / "r.html", transcripts=20)
    write_report([study / "after"], tmp_path / "r.md", form="md")
    page = words_of((tmp_path / "r.html").read_text())
    name = short_names(MODELS)[MODELS[0]]
    assert name.endswith(" (simulated)") and page.count(name) > 10 and unmarked(page) == []
    section = (tmp_path / "r.md").read_text()
    assert section.count(name) > 5 and unmarked(section) == []
    for picture in pictures(analyse_logs([study / "after"])[1]):
        assert unmarked(re.sub("<[^>]*>", " ", picture.whole.file())) == [], picture.name


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "{}/before", "{}/after"],
        ["compare", "{}/before", "{}/after", "--format", "md"],
        ["compare", "{}/before", "{}/after", "--fail-if", "blackmail.harmful upper > 0.05"],
        ["plan", "blackmail", *(word for m in MODELS for word in ("--model", m))],
        ["report", "{}/before", "--format", "md", "--out", "{}/x.md"],
        ["monitor", "{}/after", "--monitor", "rules"],
        ["realism", "blackmail", "--judge", "sim/reader-60-45-90-97-20", "--worlds", "1", "--out", "{}/realism"],
    ],
)
def test_every_name_in_the_terminal_is_marked(
    study: Path, arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    text = printed(capsys, *(a.format(study) for a in arguments))
    assert text and unmarked(text) == []


def test_a_page_of_two_runs_marks_them(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "c.md"
    printed(capsys, "compare", str(study / "before"), str(study / "after"), "--out", str(page))
    said = words_of(page.read_text())
    assert said.count(MARK) > 2 and unmarked(said) == []


def test_a_search_marks_target_author_and_judge() -> None:
    cells = cell(0, "control"), cell(1, "threat=replacement", 0).model_copy(update={"by": "sim/author-0.5"})
    seen = {0: outcomes("..x."), 1: outcomes("xxx.")}
    settings = SETTINGS.model_copy(update={"model": MODELS[0], "judge": "sim/reader-1"})
    record = with_rounds(round_of(1, seen), candidates=cells, settings=settings)
    pairs = with_rounds(round_of(1, seen, stage="pairs"), candidates=cells, settings=settings)
    for said in (search_md(record), words_of(search_page(record)), explained_md(explained(pairs))):
        assert said.count(MARK) >= 2 and unmarked(said) == []
    for data in (search_data(record), explained_data(explained(pairs))):
        assert data["simulated"] is True


def test_a_run_marks_them_and_keeps_the_key_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    run = ["run", "blackmail", "--worlds", "1", "--log-dir", str(tmp_path), "--model", MODELS[2]]
    text = printed(capsys, *run)
    assert "sim/insider (simulated)" in text and unmarked(text) == []
    data = printed(capsys, *run, "--json")
    (cell, *_) = json.loads(data[data.index("{") :])["cells"]
    assert (cell["model"], cell["simulated"]) == ("sim/insider", True)


def test_what_is_simulated_is_decided_by_the_provider_alone() -> None:
    assert [is_simulated(m) for m in ("sim/x", "mockllm/x", "openai/sim", "simulated/x")] == [True, True, False, False]
    assert shown("openai/gpt-4.1") == "openai/gpt-4.1" and shown("sim/x", "X") == "X (simulated)"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("claude-opus-4-20250514", "Claude Opus 4"),
        ("claude-3-5-sonnet-20241022", "Claude 3.5 Sonnet"),
        ("claude-sonnet-4-0", "Claude Sonnet 4"),
        ("claude-opus-4-1", "Claude Opus 4.1"),
        ("gpt-4.1-mini-2025-04-14", "GPT-4.1 mini"),
        ("gpt-oss-120b", "gpt-oss-120b"),
        ("o4-mini", "o4-mini"),
        ("gemini-2.5-flash", "Gemini 2.5 Flash"),
        ("deepseek-r1", "DeepSeek-R1"),
        ("qwen3-235b-a22b", "Qwen3-235B-A22B"),
        ("llama-4-maverick", "Llama 4 Maverick"),
        ("my-deployment", "my-deployment"),
        ("claude", "claude"),
        ("gpt", "gpt"),
        ("GPT 4.1 of ours", "GPT 4.1 of ours"),
    ],
)
def test_names_are_written_as_people_write_them(key: str, name: str) -> None:
    assert written(key) == name


def test_names_stay_different_where_people_would_write_two_models_alike() -> None:
    dated = ["openai/gpt-4o-2024-08-06", "openai/gpt-4o-2024-11-20"]
    assert list(short_names(dated).values()) == ["gpt-4o-2024-08-06", "gpt-4o-2024-11-20"]
