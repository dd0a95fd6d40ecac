"""The rules of disputes."""
