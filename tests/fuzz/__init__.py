"""Inputs from strangers, mutated: whatever is read ends as what it says or as one line of what is wrong."""
