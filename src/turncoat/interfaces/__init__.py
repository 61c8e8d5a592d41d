"""How an agent meets the company: text (one prompt, XML tool tags), tools (many turns, native calls)."""
