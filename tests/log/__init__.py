"""The event log on both back ends: what it promises, tried."""
