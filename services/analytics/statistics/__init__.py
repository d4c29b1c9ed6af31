"""Figures compared honestly: exact intervals, like with like, and only what is covered. Pure."""
