"""A static site of all tables, runs and figures: built from views, rendered to files, written whole."""
