"""Proofs that a scenario is sound: what `turncoat check` runs."""
