from datetime import date

import pytest

from postroom.content.campaign_file import Kind
from postroom.content.checks import problems
from postroom.content.editions import Edition
from postroom.content.rendering import Email
from tests.content.checks.cases import BANDS, CALENDAR, SEND_ON, SITE, Case, fact, names

CHECKS_OF_DATES = ("no-such-date", "weekday-wrong", "deadline-past")


def said(case: Case) -> set[str]:
    return {problem.check for problem in case.problems()}


def stated(**facts: str) -> str:
    """Return the TOML of several facts: the value, or the value and its sum with a | between."""
    lines = []
    for name, both in facts.items():
        value, _, written = both.partition("|")
        worked = f', sum = "{written}"' if written else ""
        lines.append(f'{name} = {{ value = "{value}", source = "S"{worked} }}')
    return "\n".join(lines)


@pytest.mark.parametrize(
    "body",
    [
        "Come on Monday 22 January 2024.",
        "Come on Thursday, 15 February.",  # the next one is
        "Come on Friday 19 January.",  # the last one was
        "It closed on 19 January 2024 and we have counted since.",
        "We wrote to you on 19 January 2024.",
        "Sign up by 22 January 2024.",
        "Sign up by 5 January 2025.",
        "Sign up by 5 December.",
        "In 2024, before the 2024 summer holidays, and on 29 February 2024.",
        "May I ask you to march on?",
        "Claims for training done before 19 January 2024 count.",
        "The pilot ran until 19 January 2024.",
        "Due to the snow of 19 January 2024 we start again.",
        "It was open until 5pm on 19 January 2024.",
        "The school is close to the station, and opened on 19 January 2024.",
        "By then 20 schools had joined. On 19 January 2024 we met.",
        "They sat 15 May exams; in January 20 schools came, by 3/4 or 1/2.",
        "Come on 15 February, Monday 19 February or Thursday 15/02/2024.",
        "Come on Thu 15 February 2024 (Thursday), or Friday, February 16, 2024.",
    ],
)
def test_dates_that_are_right_are_left_alone(body):
    quiet = {"deadline-past"} if "closed" in body else set()

    assert said(Case(body)) & set(CHECKS_OF_DATES) <= quiet


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("Come on 29 February 2023.", "no-such-date"),
        ("Come on the 31st of June.", "no-such-date"),
        ("Come on 32/01/2024.", "no-such-date"),
        ("Come on Friday 15 February.", "weekday-wrong"),
        ("Come on Tuesday the 22nd of January 2024.", "weekday-wrong"),
        ("Sign up by Friday 19 January.", "deadline-past"),
        ("The deadline is 5pm on 19 January 2024.", "deadline-past"),
        ("Closing date: 19/01/2024", "deadline-past"),
        ("Open until midnight on 19 Jan 2024", "deadline-past"),
        ("Applications close at 5pm on 19 January 2024", "deadline-past"),
        ("Open until the end of the day on 19 January 2024", "deadline-past"),
        ("Reply by close of play on 19 January 2024", "deadline-past"),
        ("Last day to apply: 19 January 2024", "deadline-past"),
        ("Reply by 5 p.m. on 19 January 2024", "deadline-past"),
        ("Reply by Fri 19 January", "deadline-past"),
        ("Reply by January 19, 2024", "deadline-past"),
        ("Reply by January 19th.", "deadline-past"),
        ("Reply by 19.01.2024", "deadline-past"),
        ("Reply by 19/1/24", "deadline-past"),
        ("Reply no later than 17:00 on Friday 19 January 2024.", "deadline-past"),
        ("19 January 2024 is the deadline.", "deadline-past"),
        ("The form must be completed before 19 January 2024.", "deadline-past"),
        ("Claims received by 19 January 2024 will be paid.", "deadline-past"),
        ("Your reply is due on 19 January 2024", "deadline-past"),
        ("Come on Fri 15 February 2024", "weekday-wrong"),
        ("Come on 15 February 2024 (Friday)", "weekday-wrong"),
        ("Come on Friday 15/02/2024", "weekday-wrong"),
        ("Come on Fri. 15.02.2024", "weekday-wrong"),
        ("Come on Friday, February 15, 2024", "weekday-wrong"),
        ("Come on 15 February 2024, Friday, at noon", "weekday-wrong"),
        ("Come on February 30, 2024", "no-such-date"),
        ("Come on 01/19/2024", "no-such-date"),
    ],
)
def test_dates_that_are_wrong_are_told(body, check):
    assert check in said(Case(body))


@pytest.mark.parametrize(
    ("subject", "check"),
    [
        ("Action by Friday 19 January 2024: claim £43.18", "deadline-past"),
        ("Action by Friday 19 January 2024: claim £43.18", "undeclared-amount"),
        ("Action by Friday 19 January 2024: claim £43.18", "undeclared-date"),
        ("Come on 31 June", "no-such-date"),
        ("[TEST] Come on Friday 15 February 2024", "weekday-wrong"),
        ("Dear nan", "odd-value"),
        ("Your grant is £ for each mentor", "gap-in-text"),
        ("Write to team@example.com", "undeclared-address"),
        ("Half \ud800 a character", "cannot-be-rendered"),
        ("Pay to \u202elive", "invisible-character"),
        ("Action by TBC", "placeholder-in-subject"),
    ],
)
def test_a_subject_is_judged_as_a_body_is_and_says_so(subject, check):
    texts = Case(subject=subject, template="Hello").texts(check)

    assert [text for text in texts if text.startswith("In the subject: ")], texts


def test_the_same_in_subject_and_body_is_two_problems_that_say_where():
    both = Case("On TBC we meet.", subject="On TBC we meet")

    texts = {p.text for p in both.problems() if p.check.startswith("placeholder")}

    assert texts == {
        "“TBC” was left in. Put what belongs there in its place.",
        "In the subject: “TBC” was left in. Put what belongs there in its place.",
    }


def test_a_fact_that_only_the_subject_tells_is_told():
    assert "fact-not-told" not in said(Case(subject="Claim £876", facts=fact("£876")))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("Claim £1076.", "£1,076"),
        ("Come on 16 February.", "Friday 16 February 2024"),
        ("Come on 16/02/2024 for GBP 5.", "£5 on 16 February 2024"),
    ],
)
def test_a_fact_in_another_spelling_is_told(body, value):
    assert "fact-not-told" not in said(Case(body, facts=fact(value)))


def test_a_subject_tells_nobody_how_to_stop_or_whom_to_ask():
    told = said(Case(subject="Contact us, or stop these emails: privacy, why you got this"))

    assert {"no-way-to-stop", "no-contact", "no-privacy-notice", "no-reason-why"} <= told


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("Come on 16 February.", "16 February 2024"),
        ("Come on Friday 16 February, or Fri 16 February 2024.", "16 February 2024"),
        ("Come in February 2024.", "Friday 16 February 2024"),
        ("Come on February 16, 2024, or 16/2/24, or 2024-02-16.", "16 February 2024"),
    ],
)
def test_a_date_that_is_stated_in_full_may_be_told_in_part_or_otherwise(body, value):
    assert "undeclared-date" not in said(Case(body, facts=fact(value)))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("Come on 16 February 2025.", "16 February 2024"),
        ("Come on 16 February 2024.", "16 February"),
        ("Come on 17 February.", "16 February 2024"),
        ("Come in March 2024.", "16 February 2024"),
        ("Come on January 19, 2024.", "16 February 2024"),
    ],
)
def test_another_date_or_one_told_more_fully_is_not_stated(body, value):
    assert "undeclared-date" in said(Case(body, facts=fact(value)))


def test_a_day_without_a_year_is_in_the_year_that_a_fact_states():
    body = "Come on Thursday 16 February."  # it was one in 2023

    assert "weekday-wrong" not in said(Case(body))
    assert "weekday-wrong" in said(Case(body, facts=fact("16 February 2024")))


def test_a_deadline_is_judged_by_send_on_whatever_today_is():
    assert "deadline-past" not in said(Case("By 30 January 2024", today=date(2026, 1, 1)))


def test_on_the_day_of_a_live_send_a_deadline_is_judged_by_that_day():
    assert "deadline-past" in said(Case("By 30 January 2024", live_on=date(2024, 2, 1)))


def test_the_calendar_is_asked_about_the_day_of_a_live_send():
    assert "school-holiday" in said(Case(shared=CALENDAR))
    assert "school-holiday" not in said(Case(shared=CALENDAR, live_on=date(2024, 1, 23)))
    assert "pre-election-period" in said(Case(shared=CALENDAR, live_on=date(2024, 5, 2)))
    assert "pre-election-period" not in said(Case(shared=CALENDAR, live_on=date(2024, 5, 3)))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("You get £876.", "£876"),
        ("You get £1,076, and more.", "£1,076"),
        ("You get £876.00, and £1076.", "£876 or £1,076"),
        ("You get GBP 876, 1,076 pounds.", "£876 or £1,076"),
        ("Paid on 5 March 2024.", "5 March 2024"),
        ("Paid in October 2024.", "September and October 2024"),
        ("Write to team@example.com.", "team@example.com"),
        ("[The guidance](https://www.example.com/a)", "https://www.example.com/a"),
    ],
)
def test_what_is_declared_is_not_asked_for(body, value):
    undeclared = [check for check in said(Case(body, facts=fact(value))) if "undeclared" in check]

    assert undeclared == []


HOURS_OF_A_GRANT = {
    "facts/grant.toml": '[facts.grant_hours]\nvalue = "20 hours"\nsource = "S"\n\n'
    '[facts.grant]\nvalue = "£876"\nsum = "20 hours × £43.80"\nsource = "S"\n'
}


@pytest.mark.parametrize(
    ("body", "facts", "shared"),
    [
        ("Up to 25 hours.", stated(time="20 hours"), {}),
        ("Up to 25 hours.", stated(training_hours="20"), {}),
        ("Up to 25 hours.", stated(most="£876|20 hours × £43.80"), {}),
        ("Up to 25 hours.", stated(most="£876"), HOURS_OF_A_GRANT),
        ("It pays 17.5%.", stated(share="20%"), {}),
        ("It pays 17.5 per cent.", stated(share="20%"), {}),
        ("We keep them for 3 years.", stated(kept_for="2 years"), {}),
    ],
)
def test_another_number_of_a_unit_that_the_facts_state_is_told(body, facts, shared):
    assert "figure-differs" in said(Case(body, facts=facts, shared=shared))


@pytest.mark.parametrize(
    ("body", "facts", "shared"),
    [
        ("Up to 20 hours, a 20-hour course.", stated(time="20 hours"), {}),
        ("Answer within 24 hours.", stated(contact="team@example.com"), HOURS_OF_A_GRANT),
        ("It takes 5 minutes.", stated(time="20 hours"), {}),
        ("It pays 20 per cent.", stated(share="20%"), {}),
        ("It takes 60 or 20 minutes.", stated(a="60 minutes", b="20 minutes"), {}),
    ],
)
def test_the_same_number_or_a_unit_that_no_fact_states_is_not(body, facts, shared):
    assert "figure-differs" not in said(Case(body, facts=facts, shared=shared))


@pytest.mark.parametrize("amount", ["€50", "GBP 43.18", "43.18 pounds", "EUR 50", "50 euros"])
def test_an_amount_in_any_spelling_or_currency_is_an_amount(amount):
    texts = Case(f"You get {amount}.", facts=fact("£43.80")).texts("undeclared-amount")

    assert amount in " ".join(texts)


def test_a_part_of_a_declared_amount_is_not_declared():
    assert "undeclared-amount" in said(Case("You get £87.", facts=fact("£876")))


@pytest.mark.parametrize(
    "body",
    [
        "Go to https://www.example.com/a/b now, or https://WWW.example.com/a/b/.",
        "[The page](https://www.example.com/a/b)",
        "[Write](mailto:team@example.com?subject=Hello) or to team@example.com",
    ],
)
def test_a_whole_link_or_address_that_is_declared_is_not_asked_for(body):
    facts = stated(page="https://www.example.com/a/b", contact="team@example.com")

    assert not {"undeclared-link", "undeclared-address"} & said(Case(body, facts=facts))


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("Go to https://www.example.com/a", "undeclared-link"),
        ("Go to https://www.example.com", "undeclared-link"),
        ("Go to https://www.example.com/a/b?c=1", "undeclared-link"),
        ("[Email us](mailto:other@example.com)", "undeclared-address"),
        ("[team@example.com](mailto:other@example.com)", "undeclared-address"),
    ],
)
def test_a_part_of_a_declared_link_or_another_address_behind_its_words_is(body, check):
    facts = stated(page="https://www.example.com/a/b", contact="team@example.com")

    assert check in said(Case(body, facts=facts))


def test_a_declared_link_with_a_long_opaque_part_is_declared():
    form = "https://forms.example.org/d/e/1FAIpQLSdX7h9-abcdefghijklmnop/viewform"

    assert "undeclared-link" not in said(Case(f"[The form]({form})", facts=stated(form=form)))


@pytest.mark.parametrize(
    "host",
    [
        "www.local.gov.uk",
        "local.gov.uk",
        "www.test-valley.gov.uk",
        "www.gov.uk",
        "www.sandbox.org",
        "test.co.uk",
        "www.development.org.uk",
        "crash-test.co.uk",
        "www.stage-school.co.uk",
        "latest.example.com",
        "8.8.8.8",
        "www.qatar.example.com",
        "gov.uk",
        "GOV.UK",
        "nhs.uk",
        "police.uk.",
        "sch.uk",  # nothing stands before the name
    ],
)
def test_a_site_that_is_only_called_so_is_public(host):
    assert "link-not-public" not in said(Case(f"Go to https://{host}/page"))


@pytest.mark.parametrize(
    "host",
    [
        "localhost:5000",
        "intranet",
        "forms.local",
        "forms.internal",
        "10.0.0.1",
        "127.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "staging.example.com",
        "www.dev2.example.com",
        "test.service.gov.uk",
        "claims-staging.service.gov.uk",
        "qa-claims.example.org",
        "local.example.org",
        "claims-preprod.co.uk",
        "uat.claims.example.com",
    ],
)
def test_a_machine_or_a_test_site_is_not(host):
    assert "link-not-public" in said(Case(f"Go to https://{host}/page"))


def test_a_link_copied_out_of_outlook_hides_where_it_leads():
    wrapped = "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.gov.uk%2Fa"

    found = said(Case(f"Go to {wrapped}"))

    assert "link-shortened" in found
    assert "undeclared-amount" not in found  # eur02 is no sum of money


@pytest.mark.parametrize("body", ["[Book](TBC: where to book)", "[Book](TBC)", "Go to <TBC>."])
def test_an_open_gap_in_a_link_is_one_problem(body):
    links = {check for check in said(Case(body)) if check.startswith("link-")}

    assert ("placeholder-left" in said(Case(body)), links) == (True, set())


@pytest.mark.parametrize(
    "link",
    [
        "[the example page](https://www.example.com/page)",
        "[example.com](https://www.example.com/page)",
        "[www.example.com/page](https://example.com/page?from=email)",
        "[https://www.example.com/page/](https://www.example.com/page/)",
        "[Help@example.com](mailto:help@example.com?subject=Mentors)",
        "[St.Ann’s](https://www.example.com/page)",
        "https://www.example.com/page",
    ],
)
def test_a_link_that_shows_where_it_leads_or_shows_no_address_is_right(link):
    assert "link-shows-another" not in said(Case(f"Go to {link} today."))


@pytest.mark.parametrize(
    "link",
    [
        "[example.com](https://www.example.com.evil.example/page)",
        "[www.example.com/page](https://www.example.com/another)",
        "[https://www.gov.uk](https://www.example.com)",
        "[help@example.com](mailto:other@example.com)",
        "[help@example.com](https://www.example.com/help)",
    ],
)
def test_a_link_that_shows_one_address_and_leads_to_another_is_told_though_both_are_declared(link):
    facts = stated(a="https://www.example.com/another", b="https://www.example.com/page")

    assert "link-shows-another" in said(Case(f"Go to {link} today.", facts=facts))


def test_our_own_links_need_no_declaring():
    body = f"[Sign up]({SITE}/r/abc) or [stop]({SITE}/stop/abc)"

    assert not {"undeclared-link", "link-elsewhere"} & said(
        Case(body, campaign='link_domains = ["www.example.com"]\n')
    )


def test_a_link_to_somebody_elses_site_that_looks_like_ours_does():
    body = "[Sign up](https://outreach.example.com.evil.example/r/abcdefgh234567abcdefgh234567)"

    assert "undeclared-link" in said(Case(body))


def test_an_amount_beside_one_of_a_group_must_be_of_that_group_too():
    two = fact("£876") + '\nother = { value = "£1,076", source = "S" }'

    (text,) = Case("£876 and £1,076", facts=two, shared=BANDS).texts("fact-disagrees")

    assert text.startswith("“£1,076” (facts.other) matches no published band (£876, £902, £965)")


def test_an_amount_with_arithmetic_of_its_own_is_left_to_it():
    two = fact("£876") + '\nhalf = { value = "£438", source = "S", sum = "10 × £43.80" }'

    assert "fact-disagrees" not in said(Case("£876, £438", facts=two, shared=BANDS))


RATES = {
    "facts/rates.toml": "".join(
        f'[facts.rate_{number}]\nvalue = "{value}"\nsum = "20 hours × {rate}"\ngroup = "rate"\n'
        'source = "S"\n'
        for number, (value, rate) in enumerate([("£876", "£43.80"), ("£1,072", "£53.60")])
    )
}


@pytest.mark.parametrize(
    ("facts", "said_of_them"),
    [
        (stated(a="£863.60|20 hours × £43.18", b="£1,072"), "with £43.18; that of the shared fact"),
        (stated(a="£863.60|20 hours × £43.18"), "rate_0 counts with £43.80"),
        (stated(a="£863.60", b="£1,076"), "“£863.60” (facts.a) matches no published rate (£876, "),
        (stated(a="£863.60|2 × £431.80"), "“£863.60” (facts.a) matches no published rate"),
        (stated(b="£1,076"), "“£1,076” (facts.b) matches no published rate (£876, £1,072)"),
        (stated(a="£43.18"), "“£43.18” (facts.a) is not the £43.80 that the shared fact rate_0"),
    ],
)
def test_an_amount_that_looks_like_a_shared_one_is_told_whatever_it_stands_beside(
    facts, said_of_them
):
    told = Case("Hello", facts=facts, shared=RATES).texts("fact-disagrees")

    assert said_of_them in told[0]
    assert len(told) == facts.count("£863.60") + facts.count("£1,076") + facts.count('"£43.18"')


@pytest.mark.parametrize(
    "facts",
    [
        stated(a="£876.00", b="£1072"),
        stated(a="£438|10 hours × £43.80"),
        stated(a="£438|10 hours × £43.80 = £438", b="£1,072"),
        stated(a="£43.80"),
        stated(a="£50 voucher"),
        stated(a="between £876 and £1,072"),
    ],
)
def test_an_amount_that_is_shared_or_worked_out_from_one_that_is_agrees(facts):
    assert Case("Hello", facts=facts, shared=RATES).texts("fact-disagrees") == []


def test_a_shared_fact_that_is_not_there_is_told_with_those_that_are():
    (text,) = Case("£1", facts=fact("£1", shared="bond"), shared=BANDS).texts("fact-disagrees")

    assert "There are: band_876, band_902, band_965" in text


@pytest.mark.parametrize(
    ("kind", "told"), [(Kind.ANNOUNCEMENT, True), (Kind.RESEARCH, True), (Kind.SERVICE, False)]
)
def test_only_messages_about_a_service_need_no_way_to_stop(kind, told):
    written = Case().edition
    edition = Edition(written.campaign.model_copy(update={"kind": kind}), written.files)

    found = problems(edition, [(2, Email("Hello", "Hello everybody."))], SEND_ON)

    assert ("no-way-to-stop" in names(found)) is told


@pytest.mark.parametrize(
    "body",
    [
        "Hello,\n\nWe write to you.",
        "Dear colleague,",
        "Dear Sir or Madam",
        "We teach nan bread, none of it stale.",
        "The list [sic] and [x] are fine, as are (these).",
        "A (very) short note; see [the form](https://example.com/form).",
        "[Enter your details](https://example.com/a), [Link to the page](https://example.com/b)",
        "[STOP THESE EMAILS](https://example.com/a) or [Name of the service](https://example.com/b)",
        "Chapter XX, the Xbox, Xmas, {} and a brace { here } and XX.",
        "He said [the school] and [Government response] and [A-level].",
        "It is «très bien: a whole sentence of somebody's, quoted as the French do it». A_b__c.",
        "One.\n\n____\n\nTwo (LINKS, SCITT). The [form](https://example.com/LINK) is here.",
        "Insert your card here, link the two here, and write your name and the date there.",
    ],
)
def test_words_that_only_look_like_something_left_in_are_left_alone(body):
    assert not {"placeholder-left", "empty-greeting", "odd-value", "gap-in-text"} & said(Case(body))


@pytest.mark.parametrize(
    "body",
    [
        "((first name))",
        "{{ name }}",
        "{% if x %}",
        "[insert date here]",
        "[SCHOOL NAME]",
        "Lorem ipsum",
        "XXXX",
        "on TBC",
        "${name}",
        "%NAME%",
        "<insert link>",
        "[link]",
        "Dear [Name],",
        "[Link to form]",
        "[Insert date here]",
        "[LINK\nTO FORM]",
        "{name}",
        "[INSERT LINK](https://example.com/a)",
        "[Link\nto form]",
        "on TBA",
        "by XX January",
        "LOREM IPSUM",
        "Dear {first name},",
        "[Your school]",
        "[LINK](https://example.com/a)",
        "by xxth of Feb",
        "You get £XX.",
        "at XX:XX",
        "[tbc: ask Jo](https://example.com/a)",
        r"Dear \[Name\],",
        "[Name]\n\nand more",
        "Dear «Name»,",
        "Dear « First name »,",
        "Dear @@name@@,",
        "Dear ____,",
        "(LINK TO FORM)",
        "Sign up: LINK HERE",
        "Insert link here",
        "Yours, PLACEHOLDER",
    ],
)
def test_what_was_left_in_is_told(body):
    assert "placeholder-left" in said(Case(body))


SIGN_UP_WITH_NONE = """
[signup.questions.mentors]
ask = "How many?"
error = "Select how many"
options = ["None", "1"]
"""


@pytest.mark.parametrize("body", ["Dear None,", "None", "Dear None, we write", "Dear n/a,"])
def test_an_odd_value_is_told_although_a_form_or_the_text_has_the_word_elsewhere(body):
    template = "Dear {{ recipient.name }},\n\nNone of it costs anything.\n\n* None at all"

    assert "odd-value" in said(Case(body, template=template, facts=SIGN_UP_WITH_NONE))


@pytest.mark.parametrize(
    "body", ["None of it costs anything.", "It costs nothing, or None", "Mentors:\n\nNone"]
)
def test_what_a_colleague_wrote_is_no_odd_value(body):
    template = f"Dear {{{{ recipient.name }}}},\n\n{body}"

    assert "odd-value" not in said(Case(body, template=template))


@pytest.mark.parametrize("body", ["Dear ,", "Dear", "Hello ,", "Hi , "])
def test_a_greeting_with_a_hole_is_told(body):
    assert "empty-greeting" in said(Case(body))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Rowan Example", "school": "St. Mary's CE School", "urn": "45313"},
        {"school": "UTC", "region": "NE", "name": ""},
        {"training day": "12 May 2024", "pupils number": "45313"},
        {"name": "Nan Example", "role": "None given"},
    ],
)
def test_ordinary_values_are_left_alone(fields):
    odd = {"broken-cell", "day-number", "name-in-capitals", "name-in-small-letters"}

    assert not odd & said(Case(fields=fields))


@pytest.mark.parametrize(
    "address", ["rowan@hotmail.co.uk", "Rowan@GMAIL.com", "r@yahoo.co.uk", "r@btinternet.com"]
)
def test_a_personal_mailbox_is_told(address):
    assert "personal-address" in said(Case(address=address))


@pytest.mark.parametrize("address", ["office@hill.school.example.com", "a@gmail.com.example.org"])
def test_an_institutions_mailbox_is_not(address):
    assert "personal-address" not in said(Case(address=address))


@pytest.mark.parametrize(
    "body",
    [
        "Schools that opened before 1 January 2020 are in it.",
        "It is for mentors whose training began before 5 January 2024.",
        "We last wrote to you before 1 January 2024.",
        "Until 31 August 2023 you could claim.",
        "Before 1 September 2023, the funding was different.",
        "It is the policy that applied until 31 December 2023.",
    ],
)
def test_what_was_until_a_day_is_no_deadline(body):
    assert "deadline-past" not in said(Case(body))


@pytest.mark.parametrize(
    "body",
    [
        "By 19 January 2024, tell us if you were trained.",
        "Before 19 January 2024, tell us who was there.",
        "Sign up by 19 January 2024 if you could not come.",
    ],
)
def test_a_deadline_stays_one_whatever_the_rest_of_its_sentence_tells(body):
    assert "deadline-past" in said(Case(body))


@pytest.mark.parametrize(
    "body",
    [
        "Dear $name,",
        "Dear %name%,",
        "Dear [FirstName],",
        "Dear NAME,",
        "Reply by dd/mm/yyyy.",
        "Reply by DD Month YYYY.",
        "Reply by ???",
        "Reply by DATE.",
        "Reply by (date).",
        "[SM: check this]",
        "Reply soon. <!-- when? -->",
    ],
)
def test_notes_that_people_leave_for_each_other_are_found(body):
    assert "placeholder-left" in said(Case(body))


@pytest.mark.parametrize(
    "body",
    [
        "It costs $5, 50% off and 20% more; US$40 in all.",
        "Really? Yes! What else??",
        "Dear Name Surname, by Date Palm Road",
        "The form (link below) and the date (Monday).",
        "[Sign up: it is quick](https://example.com/a)",
    ],
)
def test_ordinary_text_is_not_taken_for_notes(body):
    assert "placeholder-left" not in said(Case(body))


@pytest.mark.parametrize(
    "body",
    [
        "1. Sign in\n2. Sit down\n\nBring:\n\n* pen\n* paper",
        "1. Sign in\n2. Sit down\n\n\n* pen\n* paper",
        "* pen\n  * red\n  * blue\n* paper",
        "1. one\n\n2. two",
    ],
)
def test_lists_that_stay_apart_are_left_alone(body):
    assert not {"list-mixed", "line-taken-in"} & said(Case(body))


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("* pen\n* paper\n\n1. Sign in\n2. Sit down", "list-mixed"),
        ("* pen\n1. Sign in", "list-mixed"),
        ("^ Important.\nSign the form.", "line-taken-in"),
        ("1. one\n£5 for each", "line-taken-in"),
    ],
)
def test_lists_that_run_together_are_told(body, check):
    assert check in said(Case(body))


@pytest.mark.parametrize("body", ["* a long item that\nruns on", "* one\n\nKind regards", "^ Note"])
def test_what_belongs_to_an_item_is_left_alone(body):
    assert "line-taken-in" not in said(Case(body))


@pytest.mark.parametrize("text", ["donâ€™t", "CafÃ©", "Â£5", "Ã\xa0 la carte", "ï»¿Hello"])
def test_text_read_in_the_wrong_encoding_is_found_in_bodies_subjects_and_values(text):
    shown = Case(fields={"school": text}, template="For {{ recipient.school }}.")

    assert "damaged-text" in said(Case(text))
    assert "damaged-text" in said(Case(subject=text))
    assert "damaged-value" in said(shown)


@pytest.mark.parametrize("text", ["SÃO Paulo", "Ângela", "château", "€5 – “so”", "Málaga"])
def test_letters_of_other_languages_are_not_taken_for_damage(text):
    assert not {"damaged-text", "control-character"} & said(Case(text))


@pytest.mark.parametrize("character", ["\x85", "\x92", "\ufdd4"])
def test_a_character_that_nothing_today_can_show_is_found(character):
    assert "control-character" in said(Case(f"It{character}s"))


@pytest.mark.parametrize(
    "template",
    [
        "{{ recipient.school }}",
        "{{ recipient['school']|upper }}",
        "At {{ recipient.school ~ '!' }}",
        "{% if recipient.name %}{{ recipient.school }}{% endif %}",
        "{% block subject %}For {{ recipient.school }}{% endblock %}",
    ],
)
def test_a_blank_that_the_text_shows_stops_it(template):
    blank = Case(fields={"school": "", "name": "Ann"}, template=template)

    (text,) = blank.texts("blank-value")

    assert "recipient.school|default(" in text


@pytest.mark.parametrize(
    "template",
    [
        "{{ recipient.school|default('your school') }}",
        "{% if recipient.school %}At {{ recipient.school }}{% endif %}",
        "{% if recipient.school is blank %}Hello{% else %}{{ recipient.school }}{% endif %}",
        "{{ recipient.school if recipient.school else 'your school' }}",
        "Hello",
    ],
)
def test_a_blank_that_the_template_has_a_word_for_is_left_alone(template):
    blank = Case(fields={"school": "", "name": "Ann"}, template=template)

    assert "blank-value" not in said(blank)


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("Come on 1st Febuary.", "month-misspelt"),
        ("Come at 25:00.", "no-such-time"),
        ("Come at 15.30pm.", "no-such-time"),
        ("The form is attached.", "attachment-promised"),
        ("Please find attached the form.", "attachment-promised"),
    ],
)
def test_slips_of_the_pen_are_told(body, check):
    assert check in said(Case(body))


@pytest.mark.parametrize(
    "body",
    [
        "We invite 12 mayors and 10 marches on 2 March.",
        "From 9:30am to 12:45pm, or at 24:00; a ratio of 60:40.",
        "It costs £15.80 pm, or 25.50 each.",
        "Mentors are attached to a school.",
        "In the second week of 20 schools",
    ],
)
def test_what_is_no_slip_is_left_alone(body):
    slips = {"month-misspelt", "no-such-time", "attachment-promised"}

    assert not slips & said(Case(body))


@pytest.mark.parametrize("value", ["-", "?", "Unknown", "not known"])
def test_a_word_for_an_empty_cell_is_told(value):
    assert "broken-cell" in said(Case(fields={"school": value}))


@pytest.mark.parametrize(
    ("column", "value"),
    [("school name", "Oak, Elm"), ("name", "Jones Sam"), ("note", "Jones, Sam")],
)
def test_a_comma_elsewhere_turns_no_name_round(column, value):
    assert "name-turned-round" not in said(Case(fields={column: value}))
