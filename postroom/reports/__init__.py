"""Counts and pages that say what became of a campaign."""
