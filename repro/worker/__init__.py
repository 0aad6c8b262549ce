"""Running a plan: the worker that trains and measures one job, and the run that brings a whole table up to date."""
