"""What a good run looks like, to compare others with: its events, their order, the shapes of their JSON."""
