"""People: finding them, and one page for each of them."""
