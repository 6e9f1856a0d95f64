"""Data set builders, one file each; adding one is a file and a line in `table.DATASETS`."""
