"""How an agent meets the company: text (one prompt, XML tags), tools (many turns, native calls)."""
