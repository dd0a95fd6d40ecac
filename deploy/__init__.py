"""What belongs to running o2c but is not o2c: environments, measurements, soak."""
