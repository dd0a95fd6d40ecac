"""Lives of orders at random, against a plain model."""
