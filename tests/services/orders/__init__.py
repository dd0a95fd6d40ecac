"""The doors and reactions of the orders service."""
