"""Sentences made from readings by rules that know no sector: what is amiss, how much there is, what is silent."""
