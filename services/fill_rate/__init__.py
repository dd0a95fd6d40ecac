"""What the doors to fill rates share: presets, the form of example files, answers as JSON and CSV."""
