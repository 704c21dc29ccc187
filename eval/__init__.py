"""Question sets, the runner that asks them, and the figures that tell better from worse."""
