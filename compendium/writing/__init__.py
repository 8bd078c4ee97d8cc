"""The manuscript as text: prose, numbers, checklists, claims, revisions and submission."""
