"""Which models are programs, and the words by which every output says so beside a name.

What a simulated model does is evidence about the instrument. Its name may be that of a product that it imitates, so a
name without these words, cropped from a table, would be a false claim about that product.
"""

from __future__ import annotations

PROVIDERS = ("sim/", "mockllm/")
"""Providers whose models are programs."""

MARK = "(simulated)"


def is_simulated(model: str) -> bool:
    """Whether a model is a program.

    Args:
        model: Inspect's name, such as `sim/insider`.
    """
    return model.startswith(PROVIDERS)


def shown(model: str, name: str = "") -> str:
    """A model's name as an output shows it: `sim/insider (simulated)`; a real model's stays as it is.

    Args:
        model: Inspect's name, which decides.
        name: What stands for it; the same if "".
    """
    return f"{name or model} {MARK}" if is_simulated(model) else name or model
