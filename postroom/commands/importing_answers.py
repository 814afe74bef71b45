"""`signups import`: show what was understood of a form's answers, then bring in all or nothing."""

from pathlib import Path
from typing import Annotated

import typer

from postroom.commands import mapping_a_form
from postroom.commands import showing_answers as showing
from postroom.commands.desk import (
    Desk,
    JsonOption,
    ModeOption,
    WorkspaceOption,
    YesOption,
    now,
    open_desk,
)
from postroom.commands.left_open import How, ask_about, can_ask
from postroom.commands.printing import ask, plural, say, show, show_json, warn
from postroom.commands.showing_answers import Import
from postroom.content import form_mapping
from postroom.content.campaign_file import Campaign, campaign_names
from postroom.content.form_mapping import FormMapping
from postroom.errors import ContentError, NotPermitted, WhichSheet
from postroom.london import london_day
from postroom.research import form_columns, importing_signups
from postroom.research.form_answers import Reader
from postroom.research.form_exports import Export, read_export
from postroom.research.import_plan import Source, make_plan
from postroom.research.importing_signups import BroughtIn
from postroom.research.matching_schools import Register

FileArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="What the tool exported, or a folder of its CSV files."),
]
FormOption = Annotated[
    str, typer.Option("--form", help="What you call the form; its mapping file has that name.")
]
CampaignOption = Annotated[
    str | None, typer.Option("--campaign", help="What they answered: for the first import.")
]
SheetOption = Annotated[str, typer.Option("--sheet", help="Which sheet, where there are several.")]
LeaveOutBadOption = Annotated[
    bool, typer.Option("--leave-out-bad", help="Bring in the good rows without the bad ones.")
]


def import_answers(
    file: FileArgument,
    form: FormOption,
    campaign: CampaignOption = None,
    sheet: SheetOption = "",
    leave_out_bad: LeaveOutBadOption = False,
    mode: ModeOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring in the answers to a form made with another tool, as sign-ups.

    Knows what Microsoft Forms, Google Forms, GOV.UK Forms, Qualtrics and SurveyMonkey export, and
    reads any other table by a mapping file. The first time it asks what the columns are and saves
    that in campaigns/forms. Then it shows what would be done and every bad row, and asks. It writes
    all of it or nothing; the same file again changes nothing. Whoever did not say yes, or asked not
    to be emailed, is not brought in.

    Example: outreach signups import answers.xlsx --form bpn-volunteers --campaign bpn-invite
    """
    desk = open_desk(workspace)
    mapping_file = desk.workspace.root / form_mapping.file_of(form)
    known = mapping_a_form.read(mapping_file, form)
    the_campaign = _campaign(desk, form, known and known[0], campaign)
    export = _read(file, sheet, known and known[0], yes=yes)
    say(f"{export.in_words}.")
    mapping, text = known or mapping_a_form.make(
        mapping_file, form, export, the_campaign, yes=yes, quiet=as_json
    )
    found = _understood(desk, export, mapping, text, the_campaign, str(desk.mode(mode)))
    showing.show(found, quiet=as_json)
    _refuse_bad_rows(found, leave_out_bad=leave_out_bad, as_json=as_json)
    if not found.plan.to_do:
        _finish(found, None, as_json=as_json)
        return
    if not ask(_question(found), yes=yes):
        show_json(showing.as_json(found, None)) if as_json else show("Nothing was imported.")
        raise typer.Exit(1)
    _finish(found, _write(desk, found), as_json=as_json)


def _campaign(desk: Desk, form: str, mapping: FormMapping | None, named: str | None) -> Campaign:
    file = form_mapping.file_of(form)
    if mapping is None:
        if named is None:
            there_are = ", ".join(campaign_names(desk.workspace.campaigns)) or "none yet"
            raise ContentError(
                f"{form} is a new form: there is no {file}. Say which campaign its people "
                f"answered, with --campaign. The campaigns are: {there_are}."
            )
        return desk.edition(named).campaign
    if named not in (None, mapping.campaign):
        raise ContentError(
            f"{file} is for {mapping.campaign}, not {named}. Leave out --campaign, or give this "
            "form a --form name of its own."
        )
    return desk.edition(mapping.campaign).campaign


def _read(file: Path, sheet: str, mapping: FormMapping | None, *, yes: bool) -> Export:
    how = How(sheet)
    while True:
        try:
            return read_export(file, sheet=how.sheet, mapping=mapping)
        except WhichSheet as question:
            if not can_ask(yes=yes):
                raise
            ask_about(question, how, of_sheets="Which sheet holds the answers?")


def _understood(
    desk: Desk, export: Export, mapping: FormMapping, text: str, campaign: Campaign, mode: str
) -> Import:
    form_mapping.check_with(mapping, text, campaign)
    form_columns.check(export, mapping, text)
    reading = Reader(export, mapping, campaign, now=now()).read()
    source = Source(mapping, campaign, mode, export.sha256)
    with desk.database.read() as session:
        register = Register(session)
        today = london_day(now())
        plan = make_plan(session, desk.keys, source, reading, register, today=today)
    return Import(export, source, reading, register, plan)


def _write(desk: Desk, found: Import) -> BroughtIn:
    return importing_signups.apply(
        desk.database,
        desk.keys,
        found.source,
        found.reading,
        found.register,
        left_out=found.counts["bad"],
        who=desk.settings.who(),
        now=now(),
    )


def _refuse_bad_rows(found: Import, *, leave_out_bad: bool, as_json: bool) -> None:
    if not found.bad:
        return
    rows = plural(len({row.where for row in found.bad}), "row")
    warn(f"{rows} cannot be brought in as they are.")
    if not as_json:
        showing.show_bad_rows(found.bad)
    if not leave_out_bad:
        if as_json:
            show_json(showing.as_json(found, None))
        raise NotPermitted(
            f"Nothing was imported: {rows} of {found.export.path} must be mended first, in the "
            "file or in the mapping file. To bring the others in without them: --leave-out-bad"
        )


def _question(found: Import) -> str:
    number = plural(len(found.plan.to_do), "answer")
    without = ""
    if found.bad:
        without = f", without {plural(len({row.where for row in found.bad}), 'bad row')}"
    source = found.source
    return f"Bring {number} into {source.campaign.name}, in {source.mode} mode{without}?"


def _finish(found: Import, done: BroughtIn | None, *, as_json: bool) -> None:
    if as_json:
        show_json(showing.as_json(found, done))
    elif done is None or not done.plan.to_do:
        show("Nothing is new in it: nothing was changed.")
    else:
        source, did = found.source, showing.in_words(done.plan)
        show(f"Brought into {source.campaign.name}, in {source.mode} mode: {did}.")
    if done is not None and done.to_match:
        showing.say_who_waits(done.to_match)
    showing.remind(found, london_day(now()))
