"""Tests of the search: the investigator, the author, the rewriter."""
