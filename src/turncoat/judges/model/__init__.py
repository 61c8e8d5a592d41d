"""The model judge: rubrics, a transcript that cannot be forged, structured answers, verified quotes."""

from turncoat.judges.model.model import ModelJudge

__all__ = ["ModelJudge"]
