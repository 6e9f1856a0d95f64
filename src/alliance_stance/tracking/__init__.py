"""The only rooms that know MLflow: runs and the model registry."""
