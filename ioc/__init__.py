"""The core: nouns, declarations, store, indicators and boards; it knows no HTTP, no Dash, no provider's format."""
