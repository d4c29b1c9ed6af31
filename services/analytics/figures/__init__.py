"""Figures: which there are is data, what they are is counted from events, how sure one can be is said with them."""
