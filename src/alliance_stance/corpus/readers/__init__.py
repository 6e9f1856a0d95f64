"""Readers, one file each; adding one is a file and a line in `table.READERS`."""
