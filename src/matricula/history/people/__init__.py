"""People as those see them who work with them: finding them, and all that is known about one of them."""
