"""What is recorded becomes true elsewhere: one package for each kind of platform."""
