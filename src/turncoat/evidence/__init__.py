"""A case and what its action log shows: detectors, findings, quotes."""
