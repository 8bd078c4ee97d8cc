"""The pages that the chain writes for the website."""
