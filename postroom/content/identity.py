"""Which columns of a list say who somebody is, or at which school: an approver is not shown those.

Everything else that a list brings (figures, dates, sentences) is shown as it will be sent.
"""

import re

from postroom.content.known_headings import ADDRESS, FIRST_NAME, LAST_NAME, NAME, SCHOOL, URN

_PERSON = (
    ADDRESS
    | NAME
    | FIRST_NAME
    | LAST_NAME
    | {"names", "initials", "salutation", "mailbox", "address", "addresses"}
    | {"phone", "telephone", "tel", "mobile", "contactnumber"}
) - {"contact"}  # alone it is somebody's; contact hours are not
_PERSON_ALONE = {
    "contact",
    "recipient",
    "person",
    "signatory",
    "addressee",
    "attendee",
    "participant",
    "volunteer",
    "head",
    "headteacher",
    "head_teacher",
    "principal",
    "teacher",
    "mentor",
    "coordinator",
    "business_manager",
    "parent",
    "pupil",
    "child",
    "dear",
}
_NOT_A_PERSONS = {  # whose name it is, when it is not a person's
    "school",
    "trust",
    "provider",
    "organisation",
    "establishment",
    "college",
    "academy",
    "course",
    "programme",
    "region",
    "authority",
    "council",
    "federation",
    "district",
    "group",
    "service",
    "event",
    "form",
    "product",
    "company",
    "partner",
    "area",
    "scheme",
    "site",
    "type",
    "phase",
    "town",
    "county",
    "ward",
    "web",
    "url",
    "ip",
}
_PLACE = SCHOOL | URN | {"ukprn", "laestab", "dfenumber", "establishmentnumber"}
_JOINED = re.compile(r"[^a-z0-9]+")


def is_a_persons(column: str) -> bool:
    """Return whether *column*, as templates call it, holds people's names or how to reach them."""
    words = [word.rstrip("0123456789") for word in _JOINED.split(column.lower()) if word]
    joined = "".join(words)
    if joined in _PERSON or "_".join(filter(None, words)) in _PERSON_ALONE:
        return True
    if any(
        re.search(rf"{reach}(?:address(?:es)?)?$", joined) for reach in ("email", "phone", "mobile")
    ):
        return True
    return bool(_PERSON & set(words)) and not _NOT_A_PERSONS & set(words)


def is_a_place(column: str) -> bool:
    """Return whether *column*, as templates call it, says which school a recipient is at."""
    return _JOINED.sub("", column.lower()) in _PLACE
