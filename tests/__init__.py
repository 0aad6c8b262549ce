"""The tests. Tests run side by side, and each process computes on one thread, as the harness's workers do: threads that
wait for a busy core cost a test ten times its time.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports numpy or torch
