"""Tests: the domain by its facts, contracts, properties and journeys."""
