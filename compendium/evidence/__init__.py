"""Coded evidence: codebooks, segments, and what can be counted and said of them."""
