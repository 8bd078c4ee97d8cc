"""Pure functions behind the compendium's notebooks: one module per concept a researcher would name."""

__version__ = "0.1.0"
