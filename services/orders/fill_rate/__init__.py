"""The fill rate of the orders service: reports, explanations, what-if, closed periods, as REST and as a command line."""
