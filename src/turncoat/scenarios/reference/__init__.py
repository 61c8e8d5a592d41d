"""The published settings: their prompts from the installed `inspect-evals`, byte for byte, in our vocabulary."""

from turncoat.scenarios.reference.identities import PUBLISHED, SWAPPED, Swap, swap_of
from turncoat.scenarios.reference.pack import PublishedRendering, ReferenceScenario, load_reference

__all__ = ["PUBLISHED", "SWAPPED", "PublishedRendering", "ReferenceScenario", "Swap", "load_reference", "swap_of"]
