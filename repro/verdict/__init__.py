"""From published numbers and records to verdicts. Pure arithmetic: no files, no clock, no random numbers, no torch."""
