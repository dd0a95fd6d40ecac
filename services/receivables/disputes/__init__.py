"""Disputes over what customers deduct: commands, evidence, the pack, routes."""
