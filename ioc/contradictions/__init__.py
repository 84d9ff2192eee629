"""Figures that disagree: which rules are declared, what each of them compares, and who runs them."""
