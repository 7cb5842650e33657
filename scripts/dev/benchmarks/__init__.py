"""What scripts/dev/bench measures, a benchmark a file, and what they are made of."""
