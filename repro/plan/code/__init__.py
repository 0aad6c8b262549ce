"""First-party code as a graph of the definitions that use each other, read from source."""
