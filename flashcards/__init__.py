"""The project: settings, addresses and operations. Imports every app; no app imports it."""

__version__ = "0.1.0"
