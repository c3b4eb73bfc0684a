"""What someone may do, and why: asked of the functions that decide, with the grants that they decide by."""
