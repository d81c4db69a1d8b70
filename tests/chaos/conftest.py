"""The crash tests bring their own stacks (lane.py)."""
