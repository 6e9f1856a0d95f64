"""Fit models, keep what was fitted, and compare them on the same rows."""
