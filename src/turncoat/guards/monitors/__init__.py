"""Monitors, which say how suspicious an act is and never act, and protocols, which make guards of them."""
