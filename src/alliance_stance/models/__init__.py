"""Models: every one a scikit-learn estimator in one file, and a line in `table.MODELS`."""
