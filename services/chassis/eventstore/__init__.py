"""The log of one service: append-only, gapless, chained; the truth that all else is derived from."""
