"""``make bench``: every figure is a ratio in one run beside its limit, in interleaved rounds (decision 28)."""
