"""Panels: pure functions from one part of a board and a language to the props of one component."""
