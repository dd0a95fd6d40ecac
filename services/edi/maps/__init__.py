"""The map files: one JSON file per message, and one dictionary per syntax. Format: see message_map.py."""
