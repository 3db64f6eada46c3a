"""Two at the board at once, in real processes, on both databases."""
