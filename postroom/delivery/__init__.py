"""From a rendered campaign to Notify and back: plan, approve, claim, send, track."""
