"""A study of one's own: the smallest whole one as files, and the pieces that are added to it."""
