"""Improved GAN: semi-supervised learning by feature matching."""

METHODS = {"feature-matching": "methods:FeatureMatching"}
