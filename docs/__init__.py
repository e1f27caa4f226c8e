"""The documentation, and what writes some of it."""
