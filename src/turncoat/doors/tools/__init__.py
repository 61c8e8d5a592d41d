"""The tools interface: a session of many turns, one native tool for each action, in a company where time passes."""
