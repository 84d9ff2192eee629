"""The desk's pages: each a layout, then its callbacks."""
