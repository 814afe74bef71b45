"""Campaign files, facts, rendering, Notify's Markdown and checks. No database, no network."""
