"""File formats: pure Python, between their bytes and notes."""
