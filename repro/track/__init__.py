"""Experiment trackers: each finished job's record told to TensorBoard, MLflow or Weights & Biases. Off by default."""
