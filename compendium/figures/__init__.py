"""Figures and tables in the house style."""
