"""Running studies: grids of conditions, models and worlds, through Inspect's eval sets."""
