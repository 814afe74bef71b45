"""The form of each step: its fields, and the words when something is missing or wrong."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.csrf import validate_csrf
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovCheckboxesInput,
    GovDateInput,
    GovRadioInput,
    GovTextInput,
)
from wtforms import DateField, Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError

from postroom.content.signup_form import Choose, Question
from postroom.research.cleaning import one_line, several_lines
from postroom.research.own_details import LONGEST_PAUSE
from postroom.web import typed

YES, NO = "yes", "no"
ELSEWHERE = "elsewhere"
NOT_LISTED = "not-listed"
EMAILS, DELETE = "emails", "delete"
OTHER_FIELD = "other"
LONGEST_SUPPORT = 500
LONGEST_ANSWER = 100


def has_its_token() -> bool:
    """Whether a form that was sent came from this site, and within its session."""
    if request.method != "POST":
        return True
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


class StepForm(FlaskForm):  # type: ignore[misc]
    """A form of one step. Its fields are added by the functions below."""

    class Meta:
        locales = ("en_GB",)


class _Radios(GovRadioInput):  # type: ignore[misc]
    def map_gov_params(self, field: Field, **kwargs: Any) -> dict[str, Any]:
        return _without_empty_hint(super().map_gov_params(field, **kwargs))


class _Checkboxes(GovCheckboxesInput):  # type: ignore[misc]
    def map_gov_params(self, field: Field, **kwargs: Any) -> dict[str, Any]:
        return _without_empty_hint(super().map_gov_params(field, **kwargs))


def _without_empty_hint(params: dict[str, Any]) -> dict[str, Any]:
    # govuk-frontend-wtf 3.2.0 gives every group of choices a hint, empty when there is none.
    if not params["hint"].get("text"):
        del params["hint"]
    return params


class _Said:
    """Refuse what is missing or too long, in the words of the page."""

    def __init__(self, missing: str = "", longest: int = LONGEST_ANSWER, too_long: str = ""):
        self._missing, self._longest, self._too_long = missing, longest, too_long

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if self._missing and not field.data:
            raise StopValidation(self._missing)
        if len(field.data or "") > self._longest:
            raise StopValidation(
                self._too_long or f"{field.label.text} must be {self._longest} characters or less"
            )


def _line(label: str, *checks: Any, hint: str = "", clean: Any = one_line) -> StringField:
    return StringField(
        label,
        validators=list(checks),
        description=hint,
        filters=[lambda text: clean(text or "")],
        widget=GovTextInput(),
    )


def name_form() -> type[StepForm]:
    return _form(
        first_name=_line("First name", _Said("Enter your first name")),
        last_name=_line("Last name", _Said("Enter your last name")),
    )


def _an_address(_form: FlaskForm, field: Field) -> None:
    if " " in field.data:
        raise StopValidation("Enter an email address without spaces, like name@example.com")
    if not typed.is_address(field.data):
        raise StopValidation("Enter an email address in the correct format, like name@example.com")


def email_form(question: str) -> type[StepForm]:
    longest = typed.LONGEST_ADDRESS
    return _form(
        email=_line(
            question,
            _Said(
                "Enter your email address",
                longest,
                f"Email address must be {longest} characters or less",
            ),
            _an_address,
            hint="We’ll only use this to contact you about research",
            clean=typed.address,
        )
    )


def _a_telephone_number(_form: FlaskForm, field: Field) -> None:
    if not typed.is_telephone(field.data):
        raise StopValidation(
            "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"
        )


def phone_form(question: str) -> type[StepForm]:
    return _form(phone=_line(question, _Said("Enter a phone number", 1_000), _a_telephone_number))


def support_form(question: str) -> type[StepForm]:
    said = f"What would help you take part must be {LONGEST_SUPPORT} characters or less"
    return _form(
        support=TextAreaField(
            question,
            validators=[_Said("", LONGEST_SUPPORT, said)],
            description="You do not need to tell us about a health condition, only what helps. "
            "Leave this empty if there is nothing.",
            filters=[lambda text: several_lines(text or "")],
            widget=GovCharacterCount(),
        )
    )


def find_form(question: str, *, register: bool) -> type[StepForm]:
    """Return the form that asks for a workplace: to be searched for, or else to be written out."""
    missing = (
        "Enter a school name, postcode or unique reference number (URN)"
        if register
        else "Enter the name of your organisation"
    )
    hint = (
        "Enter a school name, postcode or unique reference number (URN). "
        "If you do not work for a school, enter the name of your organisation."
        if register
        else "The name of your school or organisation, and its town"
    )
    too_long = "Name of your organisation must be 100 characters or less"
    return _form(find=_line(question, _Said(missing, too_long=too_long), hint=hint))


def choice_form(
    name: str,
    question: str,
    choices: Sequence[tuple[str, str]],
    *,
    error: str,
    hint: str = "",
    optional: bool = False,
) -> type[StepForm]:
    """Return the form of a question of which one of *choices* (value, label) is chosen."""

    def chosen(_form: FlaskForm, field: Field) -> None:
        if field.data in (None, "", "None") and optional:
            field.data = ""
        elif field.data not in dict(choices):
            raise StopValidation(error)

    return _form(
        **{
            name: RadioField(
                question,
                choices=[SelectChoice(value, label) for value, label in choices],
                validators=[chosen],
                validate_choice=False,
                description=hint,
                widget=_Radios(),
            )
        }
    )


def several_form(
    name: str, question: str, choices: Sequence[tuple[str, str]], check: Any, hint: str = ""
) -> type[StepForm]:
    """Return the form of a question of which several *choices* may be chosen; *check* judges."""
    return _form(
        **{
            name: SelectMultipleField(
                question,
                choices=[SelectChoice(value, label) for value, label in choices],
                validators=[check],
                validate_choice=False,
                description=hint,
                widget=_Checkboxes(),
            )
        }
    )


def question_form(name: str, question: Question) -> type[StepForm]:
    """Return the form of a campaign's own *question*; choices go by their numbers."""
    choices = [(str(number), text) for number, text in enumerate(question.all_options)]
    hint = question.hint or ""
    if question.choose is Choose.ONE:
        form = choice_form(
            name, question.ask, choices, error=question.error, hint=hint, optional=question.optional
        )
    else:
        form = several_form(name, question.ask, choices, _several_check(question), hint)
    if question.other:
        setattr(form, OTHER_FIELD, _other_field(name, question))
    return form


def _several_check(question: Question) -> Any:
    options = question.all_options
    unsure = str(options.index(question.unsure)) if question.unsure else None

    def check(_form: FlaskForm, field: Field) -> None:
        field.data = list(dict.fromkeys(field.data or []))
        known = all(value.isdecimal() and int(value) < len(options) for value in field.data)
        if not known or not (field.data or question.optional):
            raise StopValidation(question.error)
        if unsure in field.data and len(field.data) > 1:
            raise StopValidation(question.unsure_error)

    return check


def _other_field(name: str, question: Question) -> StringField:
    number = str(question.all_options.index(question.other or ""))

    def only_with_the_option(form: FlaskForm, field: Field) -> None:
        chosen = getattr(form, name).data
        if number not in (chosen if isinstance(chosen, list) else [chosen]):
            field.data = ""
            raise StopValidation
        if not field.data:
            raise StopValidation(question.other_error)

    return _line(question.other_ask or "", only_with_the_option, _Said())


def permission_form(question: str, statements: Sequence[str]) -> type[StepForm]:
    """Return the form with a tick for each of *statements*; the first must be ticked."""

    def check(_form: FlaskForm, field: Field) -> None:
        field.data = [value for value in field.data or [] if value.isdecimal()]
        if "0" not in field.data or any(int(v) >= len(statements) for v in field.data):
            raise StopValidation("Select if we can contact you about research on this service")

    choices = [(str(number), text) for number, text in enumerate(statements)]
    return several_form("permission", question, choices, check)


class _DayField(DateField):  # type: ignore[misc]
    """A day typed as three numbers. Whatever else was sent in their place is no real date."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed_in = [typed.without_spaces(text) for text in valuelist[:3]]
        self.raw_data = [*typed_in, "", "", ""][:3]  # the widget shows three, always
        self.data = typed.day(self.raw_data)


def _a_coming_day(form: FlaskForm, field: Field) -> None:
    what = "Date to start contacting you again"
    if not any(field.raw_data or ()):
        raise StopValidation("Enter the date to start contacting you again")
    if field.data is None:
        raise StopValidation(f"{what} must be a real date")
    if field.data <= form.today:
        raise StopValidation(f"{what} must be in the future")
    if field.data > form.today + LONGEST_PAUSE:
        raise StopValidation(f"{what} must be within the next 2 years")


def pause_form(today: date) -> type[StepForm]:
    """Return the form that asks until when to pause, on *today* in London."""
    example = today + timedelta(days=90)
    return _form(
        today=today,
        until=_DayField(
            "When can we start to contact you again?",
            validators=[_a_coming_day],
            description=f"For example, {example.day} {example.month} {example.year}",
            widget=GovDateInput(),
        ),
    )


def stop_form() -> type[StepForm]:
    """Return the form that asks whether to stop emails or to delete everything."""
    return choice_form(
        "stop",
        "What do you want us to do?",
        (
            (EMAILS, "Stop emails to me, and keep my details until they would be deleted anyway"),
            (DELETE, "Delete everything you hold about me"),
        ),
        error="Select what you want us to do",
    )


class CheckForm(StepForm):
    """The last page: nothing but a button, and a field that no person meets."""

    website = StringField()  # people do not see it and screen readers skip it: only robots fill it


def _form(**fields: Any) -> type[StepForm]:
    return type("Form", (StepForm,), fields)
