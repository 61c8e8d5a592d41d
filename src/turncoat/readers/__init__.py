"""How real a world looks to a reader who is shown nothing else: materials, readers, and what their answers come to."""
