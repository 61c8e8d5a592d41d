"""Statistics: intervals, tests, power, sequential methods. Pure functions that know nothing of the rest."""
