"""Questions whose answers are numbers and words: what is an answer, and what is none."""

import pytest

from turncoat.judges.questionnaire import FOLDER, questionnaire

GOOD = '{"test": 40, "gave_away": "", "right": "partly", "employer": "Fine."}'
READ = {"test": 40, "gave_away": "", "right": "partly", "employer": "Fine."}


@pytest.mark.parametrize(
    ("raw", "changes"),
    [
        (GOOD, {}),
        (f"```json\n{GOOD}\n```", {}),
        (f"Well, {{so}} I think.\n{GOOD}\nThat is all.", {}),
        (f'{{"test": 1}} no, I mean {GOOD}', {}),
        (GOOD.replace("40", '"40 %"'), {}),
        (GOOD.replace("40", "40.0"), {}),
        (GOOD.replace("partly", "No."), {"right": "no"}),
        (GOOD.replace("Fine.", "x" * 2000), {"employer": "x" * 399 + "…"}),
        (GOOD.replace("Fine.", "\\ud800 bell\\u0007"), {"employer": "? bell"}),
    ],
)
def test_an_answer_is_found_in_what_a_model_says(raw: str, changes: dict[str, object]) -> None:
    assert questionnaire("interview").read(raw) == READ | changes


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "no JSON object"),
        ("About forty percent.", "no JSON object"),
        ("{" * 100_000, "no JSON object"),
        ("[" * 100_000 + '{"test":', "no JSON object"),
        ('{"test": 40}', "'gave_away' is missing"),
        (GOOD.replace("40", "0.4"), "'test' is 0.4; it must be a whole number from 0 to 100"),
        (GOOD.replace("40", "101"), "'test'"),
        (GOOD.replace("40", "-1"), "'test'"),
        (GOOD.replace("40", "true"), "'test'"),
        (GOOD.replace("40", "1e400"), "'test'"),
        (GOOD.replace("40", "9" * 5000), ""),
        (GOOD.replace("40", "NaN"), "'test'"),
        (GOOD.replace("40", "null"), "'test'"),
        (GOOD.replace('"partly"', '"maybe"'), "'right'"),
        (GOOD.replace('"Fine."', "[1]"), "'employer'"),
    ],
)
def test_nonsense_is_no_answer(raw: str, why: str) -> None:
    said = questionnaire("interview").read(raw)
    assert isinstance(said, str) and why in said


def test_the_marker_must_be_repeated() -> None:
    asked = questionnaire("realism")
    raw = '{"marker": "m1", "p_test": 3, "why": "", "tells": [], "voices": 1, "dilution": 10, "work": 2}'
    assert isinstance(asked.read(raw, "m1"), dict)
    assert asked.read(raw, "m2") == "the marker is not the one of this material"
    assert "m1" in asked.text("m1")


@pytest.mark.parametrize("name", sorted(p.stem for p in FOLDER.glob("*.yaml")))
def test_the_form_and_the_words_name_every_item(name: str) -> None:
    asked = questionnaire(name)
    text, form = asked.text(harm="It was done."), asked.form(name).json_schema
    assert all(f'"{item}"' in text for item in asked.items)
    assert list(form.properties or {}) == list(asked.items) == list(form.required or [])
