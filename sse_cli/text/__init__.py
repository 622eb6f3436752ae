"""Text for people: made harmless, fitted to the cells of a terminal, painted; figures as they are read."""
