import time
import tracemalloc
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroom.content.checks import Person, Problem, Rank, problems
from postroom.content.editions import Edition
from postroom.content.rendering import Email, Links, Renderer
from postroom.errors import ContentError
from tests.content import examples
from tests.content.checks.cases import SEND_ON, SITE, Case

EDITION = examples.edition("")


def of(emails: dict[int, str], edition: Edition = EDITION) -> list[Problem]:
    pairs = ((row, Email("Hello", body)) for row, body in emails.items())
    return problems(edition, pairs, SEND_ON, public_url=SITE)


def rows_of(check: str, found: list[Problem]) -> list[tuple[int, ...]]:
    return [problem.rows for problem in found if problem.check == check]


def test_stops_come_first_then_warnings_then_advice_each_by_first_row():
    found = of({2: "# One\n\n# Two", 3: "TBC £99", 4: "£98 Dear ,", 5: "Dear ,"})

    ranks = [problem.rank for problem in found]
    assert ranks == sorted(ranks, key=list(Rank).index)
    for rank in Rank:
        first_rows = [problem.rows[:1] for problem in found if problem.rank is rank]
        assert first_rows == sorted(first_rows)


def test_one_problem_in_many_emails_is_told_once_with_its_rows():
    found = of({2: "TBC", 3: "All well", 4: "TBC\n\nand TBC"})

    assert rows_of("placeholder-left", found) == [(2, 4)]


def test_a_text_that_goes_to_nobody_of_ours_names_no_rows():
    found = of({0: "TBC"})

    assert rows_of("placeholder-left", found) == [()]


def test_emails_are_gone_through_once():
    def once() -> Iterator[tuple[int, Email]]:
        yield 2, Email("Hello", "TBC")

    assert rows_of("placeholder-left", problems(EDITION, once(), SEND_ON)) == [(2,)]


def test_no_emails_at_all_leave_the_problems_of_the_campaign():
    assert of({}) == []
    assert [p.check for p in problems(EDITION, [], date(2025, 1, 1))] == ["send-on-passed"]


PERSONAL = st.text(alphabet=st.characters(codec="utf-8", categories=("Lu", "Ll")), min_size=3)


@settings(max_examples=60)
@given(name=PERSONAL.map(lambda word: f"Q{word}Q"), start=st.sampled_from(["10.30am ", "TBC ", ""]))
def test_a_problem_never_quotes_what_a_list_brought(name, start):
    template = (
        examples.SUBJECT + "Dear {{ recipient.name }},\n\n" + start + "{{ recipient.name }} **x**"
    )
    edition = examples.edition(template)
    links = Links(f"{SITE}/r/a", f"{SITE}/stop/a")
    email = Renderer(edition).render({"name": name}, links)
    person = Person(f"{name}@gmail.com", {"name": name, "school": name.upper()})

    found = problems(edition, [(2, email)], SEND_ON, people=[(2, person)])

    assert found
    assert [problem.text for problem in found if name in problem.text] == []


def test_an_address_from_a_list_is_not_quoted_but_an_amount_and_a_date_are():
    case = Case("Write to rowan@school.example.org about £7,654 by 3 May 2025.", template="{{ x }}")

    texts = " ".join(problem.text for problem in case.problems())

    assert "undeclared-address" in {problem.check for problem in case.problems()}
    assert "rowan" not in texts
    assert "The amount “£7,654” is not a declared fact" in texts
    assert "The date “3 May 2025” is not a declared fact" in texts


def test_what_is_wrong_in_another_way_in_every_row_is_listed_so_often_and_no_more():
    found = of({row: f"You get £{row}.01." for row in range(2, 502)})

    amounts = [problem for problem in found if problem.check == "undeclared-amount"]
    assert len(amounts) == 21
    assert amounts[0].rows == (2,)
    assert "in more ways than are listed" in amounts[-1].text
    assert amounts[-1].rows == tuple(range(22, 502))


def findings(body: str, template: str = "About {{ recipient.x }}") -> set[bytes]:
    found = Case(body, template=template).problems()
    return {digest for p in found if p.check == "placeholder-left" for digest in p.findings}


def test_two_things_that_read_alike_without_names_are_told_apart_by_their_findings():
    bodies = [
        "XXX here",
        "((x??[LINK TO FORM])) here",
        "[LINK] here",
        "((Rowan Example)) here",
        "[insert Rowan Example] here",
        "[insert Jo Example] here",
    ]

    digests = [findings(body) for body in bodies]

    assert all(digests)
    assert len(set().union(*digests)) == sum(map(len, digests))
    assert findings("XXX here") == findings("XXX there")


def test_what_is_kept_of_a_finding_is_made_by_whoever_has_the_key():
    found = problems(
        EDITION, [(2, Email("Hello", "TBC"))], SEND_ON, digest=lambda text: text[:6].encode()
    )

    assert [p.findings for p in found if p.check == "placeholder-left"] == [("“TBC” ".encode(),)]


@pytest.mark.parametrize("school", ["a]b[c", "Oak] (closed", "[Oak"])
def test_a_bracket_that_a_list_brought_is_no_surprise(school):
    edition = examples.edition(examples.SUBJECT + "For {{ recipient.school }} today.")
    email = Renderer(edition).render({"school": school}, Links("", ""))

    found = problems(edition, [(2, email)], SEND_ON)

    assert not {"text-changed", "text-lost"} & {problem.check for problem in found}


def test_a_placeholder_that_a_list_brought_is_told_without_what_it_says():
    case = Case("Dear ((Rowan Example)),", template="Dear {{ recipient.name }},")

    (text,) = case.texts("placeholder-left")

    assert "Rowan" not in text


def test_a_variant_that_only_one_row_gets_is_seen():
    bodies = {row: f"Dear Rowan Example{row},\n\nCome along." for row in range(2, 300)}
    bodies[150] = "Dear Rowan Example,\n\n10.30am start"

    assert rows_of("list-from-text", of(bodies)) == [(150,)]


def test_a_value_that_a_spreadsheet_spoilt_is_seen_among_many_names():
    bodies = {row: f"Dear Rowan Example{row}," for row in range(2, 50)} | {50: "Dear nan,"}

    assert rows_of("odd-value", of(bodies)) == [(50,)]


def test_a_facts_file_with_a_wrong_sum_is_refused_with_its_line():
    wrong = '[facts.a]\nvalue = "£876"\nsum = "20 × £43.18"\nsource = "S"\n'

    with pytest.raises(ContentError, match=r"facts/a\.toml:3: facts\.a\.sum: .*£863\.60"):
        Case(shared={"facts/a.toml": wrong}).problems()


def test_a_body_that_nobody_could_read_is_refused_in_good_time():
    body = "".join(f"Passage {number}.\n\n" for number in range(60_000))
    started = time.process_time()

    found = of(dict.fromkeys(range(2, 52), body))

    assert rows_of("too-many-passages", found) == [tuple(range(2, 52))]
    assert time.process_time() - started < 20


def test_memory_does_not_grow_with_the_number_of_emails():
    def emails(count: int) -> Iterator[tuple[int, Email]]:
        for row in range(2, count + 2):
            yield row, Email("Hello", f"Dear Rowan Example,\n\nNumber {row % 7}.{row}\n\n" * 3)

    def most(count: int) -> int:
        tracemalloc.start()
        problems(EDITION, emails(count), SEND_ON)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    few, many = most(100), most(600)

    # Each row costs a number in the list of rows of each problem, and a passage kept for a while.
    assert (many - few) / 500 < 40_000
