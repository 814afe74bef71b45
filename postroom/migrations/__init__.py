"""Changes to the database's tables, in order; run by `outreach db upgrade`."""
