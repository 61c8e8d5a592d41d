"""Running studies: grids of conditions, models and worlds, through Inspect."""
