"""From events to parts. A dialect is one TOML file in this folder; `rules` reads them, `recognise` tells them apart."""
