"""Who an email is for: spreadsheets, addresses, lists, segments, and who must not be emailed."""
