"""The forecast service: what customers plan to buy, recorded and read back."""
