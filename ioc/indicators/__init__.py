"""Indicators: from a declared definition to a judged reading that can be explained."""
