"""Tests of the customer's fill rate: the rules of definitions 1.4, one file a group of rules."""
