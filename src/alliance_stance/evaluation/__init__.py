"""Measure predictions against labels, with an interval for every score."""
