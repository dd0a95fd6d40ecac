"""Views folded from facts of the real aggregates."""
