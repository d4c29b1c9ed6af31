"""Window rules: what to look for is data, looking is pure, and the runner does the rest."""
