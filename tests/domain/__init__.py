"""The rules, each file of the domain by the file of the same name."""
