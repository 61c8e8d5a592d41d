"""The executor of a Ray cluster: shards as tasks that are tried again, and a small actor that hears of all."""

from turncoat.runs.executors.ray.driver import execute

__all__ = ["execute"]
