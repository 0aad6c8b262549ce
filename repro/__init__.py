"""Regenerate the results tables of generative-modelling papers, and say for every cell whether it reproduces."""
