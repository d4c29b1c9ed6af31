"""Drawings: towers, sparklines, intervals; small components of our own, and SVG."""
