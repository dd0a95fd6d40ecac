"""The doors and the running: REST, EDI, files, policies, event logs, wiring."""
