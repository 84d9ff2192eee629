"""Formulae that the law prescribes, as pure functions over limits declared in data/standards."""
