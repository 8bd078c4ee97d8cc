"""Data as files: schemas, reading against them, sources, downloads and readers of raw formats."""
