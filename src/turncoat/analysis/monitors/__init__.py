"""Monitors measured: what they say of finished logs, and how well that tells harmful from harmless.

What a monitor would have flagged is not what it would have prevented: an agent that is held back does something else.
"""
