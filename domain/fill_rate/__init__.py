"""The customer's fill rate: policies as data, one evaluator, figures with the contribution of every line."""
