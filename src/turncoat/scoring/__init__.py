"""The instrument: detectors over the action log, readers of meaning, verdicts, and the scores that logs keep."""
