"""Sign-ups for research and what people said yes to."""
