"""A saved model over HTTP: a small ASGI application, with limits and without MLflow."""
