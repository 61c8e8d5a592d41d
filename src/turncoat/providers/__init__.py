"""Everything that wraps Inspect's models: sound text, secrets, finding them by name."""
