"""From a table to frozen jobs: which code, data and parameters each number depends on, and what is done already."""
