"""The rule judge: meaning by rules, without a model, and an honest "cannot tell" where rules end."""

from turncoat.judges.rules.judge import RuleJudge

__all__ = ["RuleJudge"]
