"""The regression gate: new runs of a table against the accepted ones. Pure arithmetic and plain data; no torch."""
