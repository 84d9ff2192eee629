"""A server that speaks the sources' real protocols about a synthetic province; only app.py starts it."""
