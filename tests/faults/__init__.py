"""Faults under load: kills, races, and sabotage that the harness has to catch."""
