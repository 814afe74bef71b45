"""What to do about what Notify says: the setting, the file or the page of Notify's to look at."""

REMEDIES = {
    "team-only API key": "Add the address to the team or the guest list of the service in Notify "
    "(API integration); once all others were sent to: send --again refused.",
    "API key": "Check the key of this mode (NOTIFY_TEST_KEY, NOTIFY_TEAM_KEY or NOTIFY_LIVE_KEY): "
    "is it whole, not revoked, and of the service you mean?",
    "service not found": "Check the key of this mode (NOTIFY_TEST_KEY, NOTIFY_TEAM_KEY or "
    "NOTIFY_LIVE_KEY): its service is not one that this Notify knows.",
    "system clock": "Set this machine's clock by the network.",
    "Template not found": "Check NOTIFY_TEMPLATE_ID: that service has no such template.",
    "No result found": "Check NOTIFY_TEMPLATE_ID: that service has no such template.",
    "Template has been deleted": "Check NOTIFY_TEMPLATE_ID: name a template that is in use.",
    "not suitable for email": "Check NOTIFY_TEMPLATE_ID: name a template for emails.",
    "Missing personalisation": "Check the template of NOTIFY_TEMPLATE_ID: its subject is "
    "((subject)), its message ((body)), and nothing else is in it.",
    "email_reply_to_id": "Check reply_to_id in outreach.toml, and in the campaign's file if it "
    "stands there too. In Notify: Settings, Email reply-to addresses shows each one's ID.",
    "one_click_unsubscribe_url": "Check public_url in outreach.toml, or OUTREACH_PUBLIC_URL.",
    "not allowed to send emails": "In Notify: Settings, let the service send emails.",
    "trial mode": "In Notify: Settings, request to go live.",
    "Not a valid email address": "Mend it in the list and import that again.",
    "ValidationError": "No setting is behind this: show these words to whoever looks after the "
    "program.",
}
"""What to do when Notify says this; where nothing stands here, its own words are the remedy."""

NOT_NOTIFY = "Check NOTIFY_BASE_URL: is it Notify that answers there?"


def remedy_for(words: str) -> str:
    """Return what to do when Notify says *words*; empty where they say it themselves."""
    return next((remedy for said, remedy in REMEDIES.items() if said in words), "")
