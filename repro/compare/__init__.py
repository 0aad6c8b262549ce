"""A new row beside the rows of a table: what is compared, how, and in which words."""
