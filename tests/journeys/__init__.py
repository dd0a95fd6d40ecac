"""Whole ways through the product, by its HTTP doors."""
