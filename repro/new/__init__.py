"""Beginnings: a project, a table, a method or a task that runs as it is, with its test (`repro new`)."""
