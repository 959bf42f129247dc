"""mockint: mock interviews for a community, from availability to progress."""

__version__ = "0.1.0"
