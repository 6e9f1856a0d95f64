"""Documents: reading them from files, and cutting them into sentences."""
