"""Shards: parts of one study that machines run without knowing of each other, into one folder."""
