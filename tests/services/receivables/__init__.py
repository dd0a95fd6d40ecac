"""Tests of the receivables service."""
