"""Date and time formats for who wants the other clock than is usual in her language."""
