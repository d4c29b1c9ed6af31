"""What may leave for a city's data platform: counts by area and period under a policy, in a log of their own."""
