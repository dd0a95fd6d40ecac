"""Tests of the forecast service."""
