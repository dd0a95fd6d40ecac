"""The rules and the aggregates of order to cash; knows no framework but the aggregate base."""
