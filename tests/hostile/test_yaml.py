"""A stranger's YAML builds no objects and does not blow up; what is wrong with it is said in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.base.errors import ScenarioError, UsageError
from turncoat.cli.request import arguments_of, settings_of
from turncoat.scenarios.files import parse_yaml

LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(30))
UNFIT = ["2020-13-45", "9" * 5000, "!!int x", "!!float x", "!!bool x", "!!timestamp x", "!!int ''", "\ud800"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LAUGHS, "aliases"),
        ("a: !!python/object/apply:os.system ['true']", "tag"),
        ("a: !!python/name:os.system", "tag"),
        ("[" * 100_000, "nest"),
        ("{a: " * 20_000, "nest"),
        ("- " * 20_000 + "x", "nest"),
        ("a: \0", "control|special"),
        *[(f"a: {value}", "not of its kind") for value in UNFIT],
    ],
)
def test_bad_yaml_is_one_line(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=rf"^place: .*{message}") as caught:
        parse_yaml(text, "place")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", UNFIT)
def test_values_on_the_command_line_too(value: str) -> None:
    with pytest.raises(UsageError, match="--model-arg a"):
        arguments_of([f"a={value}"])
    with pytest.raises(UsageError, match="--generate temperature"):
        settings_of([f"temperature={value}"])


MARKS = st.sampled_from(
    ["a: ", "- ", "[", "]", "{", "}", "!!int ", "!!set ", "!!omap ", "<<: ", "? ", "&a ", "*a", "\n  "]
)


@given(st.lists(MARKS | st.text(max_size=5) | st.dates().map(str), max_size=20).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_yaml(text, "place")
    except ScenarioError as error:
        assert str(error).startswith("place: ")
