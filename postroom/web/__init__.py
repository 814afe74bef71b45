"""The public pages that links in emails lead to."""
