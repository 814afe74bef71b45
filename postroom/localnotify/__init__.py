"""A local stand-in for GOV.UK Notify's HTTP API, with an inbox to read what it caught."""
