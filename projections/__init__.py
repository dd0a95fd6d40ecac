"""The views: folded from events, rebuilt and never migrated; facts only, judged by domain functions."""
