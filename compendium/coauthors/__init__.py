"""A Word file that comes back from co-authors: what they changed, in the sources that it was made from."""
