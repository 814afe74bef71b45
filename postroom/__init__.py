"""The engine behind `outreach`: campaigns in, emails out through GOV.UK Notify, and what became of them."""
