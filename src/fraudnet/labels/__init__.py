"""What was known when: population, target, seeds, strong clusters, splits."""
