"""Who watches is another model than who judges, by whatever names."""

import pytest

from turncoat.base.errors import UsageError
from turncoat.judges.apart import members_of, refuse_own_judge, shared_models


@pytest.mark.parametrize(
    ("judge", "members"),
    [
        ("rules@6", ("rules",)),
        ("openai/gpt-4.1@2+blind", ("openai/gpt-4.1",)),
        ("panel(rules@6, openai/gpt-4.1@2, anthropic/claude-x@2)", ("rules", "openai/gpt-4.1", "anthropic/claude-x")),
    ],
)
def test_a_judges_name_holds_its_members(judge: str, members: tuple[str, ...]) -> None:
    assert members_of(judge) == members


def test_one_model_is_found_by_all_its_names() -> None:
    watching = ["openrouter/openai/gpt-4.1-2025-04-14", "openai/gpt-4.1-mini"]
    assert shared_models(watching, ["rules@1", "panel(rules@1, openai/gpt-4.1@2)"]) == [
        ("openrouter/openai/gpt-4.1-2025-04-14", "openai/gpt-4.1")
    ]
    assert not shared_models(watching[1:], ["openai/gpt-4.1@2"]) and not shared_models([], ["rules@1"])


def test_the_refusal_names_both_names_the_place_and_the_way_out() -> None:
    with pytest.raises(UsageError) as raised:
        refuse_own_judge({"azure/gpt-4.1": "has the model role 'monitor'"}, ["openai/gpt-4.1@2"])
    said = str(raised.value)
    assert "openai/gpt-4.1, which is azure/gpt-4.1, judges" in said and "has the model role 'monitor' as well" in said
    assert "--same-model" in said
    refuse_own_judge({"azure/gpt-4.1-mini": "is the monitor"}, ["openai/gpt-4.1@2"])
