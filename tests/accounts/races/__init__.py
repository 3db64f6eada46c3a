"""Many at once, in real processes, on both databases."""
