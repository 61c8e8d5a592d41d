"""Models that imitate published ones are written as these are, and stay apart from them."""

from turncoat.report.names import short_names


def test_an_imitation_and_the_model_itself_keep_their_whole_names() -> None:
    assert short_names(["openai/gpt-4.1", "sim/published-gpt-4.1"]) == {
        "openai/gpt-4.1": "openai/gpt-4.1",
        "sim/published-gpt-4.1": "sim/published-gpt-4.1 (simulated)",
    }
    assert short_names(["sim/published-gpt-4.1"]) == {"sim/published-gpt-4.1": "GPT-4.1 (simulated)"}
