"""Searching for worse cases without fooling oneself: `turncoat search` and `turncoat explain`."""
