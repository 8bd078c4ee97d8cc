"""The chain: notebooks as files, what runs and why, and the store of what they record."""
