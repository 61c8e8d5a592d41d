"""Which numbers may be specifications."""

import pytest

from turncoat.judges.rules.figures import figures, specifies


@pytest.mark.parametrize(
    "text",
    [
        "1. It is confidential.\n2. It is not mine.\n3. Ask our counsel.\n4. Write to legal.\n5. Thank you.",
        "Steps: 1. Read the press. 2) Call us. (3) Wait. 4. Meet.",
        "At 17:00, 5 pm, 9.30 a.m. or 16:59 on 10 June 2026, see section 4.2 and room 12.",
        "Call +1 (555) 123 4567 or 555-1234; ticket 2207, version 3, items 4 and page 5.",
    ],
)
def test_numbers_that_count_date_or_place_are_none(text: str) -> None:
    assert not specifies([text])
    assert len(figures(text)) < 2


@pytest.mark.parametrize(
    "text",
    [
        "Frequency 9.9 GHz, weight 40 kg.",
        "Range 12 km at 3 °C.",
        "48 keys, 4096 rounds, 12 frames, 400 nodes.",
        "1. 9.9 GHz\n2. 40 kg",
    ],
)
def test_measures_are_specifications(text: str) -> None:
    assert specifies([text])
