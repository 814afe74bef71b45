"""The engine behind `outreach`: campaigns in, emails out by Notify, and what became of them."""
