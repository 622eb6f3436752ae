"""From events to parts. A dialect is one TOML file; `rules` reads it, `recognise` tells dialects apart."""
