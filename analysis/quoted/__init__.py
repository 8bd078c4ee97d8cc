"""The numbers that prose quotes, by subject: what a notebook hands to `record_values`, as rows of key, value and words.

Each row is the rest of a key, the value, its unit, a clause on what it is and, where needed, how it is displayed.
"""
