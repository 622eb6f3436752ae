"""From bytes to events: one decoder for each format on the wire, all with the same face."""
