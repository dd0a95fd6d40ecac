"""Contracts with those outside: the API document, who may call what, and the house's own style."""
