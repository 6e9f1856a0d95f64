"""The saved model at work; nothing here knows training, data set building or MLflow."""
