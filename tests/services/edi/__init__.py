"""Tests of services/edi: cutting, auditing, reading, acknowledging and writing."""
