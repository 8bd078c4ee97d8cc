"""The study's own functions: what its notebooks call beside those of the tool."""
