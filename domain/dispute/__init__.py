"""Disputes over what customers deduct: verdict, life cycle, clocks, rules of law, write-offs."""
