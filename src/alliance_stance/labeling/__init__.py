"""Labels and how far they can be believed."""
