"""Reconciling with a customer: its statements in, differences resolved, statements agreed, ours out, three-way matches."""
