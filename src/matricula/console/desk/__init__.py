"""Acts on single students and learners, on several at once, and on all who fit a filter."""
