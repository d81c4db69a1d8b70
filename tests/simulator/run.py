#!/usr/bin/python3
"""Start the simulator without setting PYTHONPATH."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from drs_sim.__main__ import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
