"""The tool: what a mixed-methods study needs to be rebuilt, checked and published. It knows no study."""

__version__ = "0.2.0"
