"""The front door: finds the command that was asked for, runs it, and prints what it refused.

It imports next to nothing, so that `outreach --help` answers at once; each command's module is
loaded when that command runs.
"""

import gc
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from postroom.errors import PostroomError, out_of_reach

VERSION = "0.1.0"

COMMANDS = {
    # name: (module in postroom.commands, the first line of its help)
    "demo": ("demo", "Run the example campaign end to end, on this machine only."),
    "init": ("workspaces", "Make a folder into a workspace of your own."),
    "doctor": ("doctor", "Say what is set up, what is missing and how to get it."),
    "campaigns": ("campaigns", "List the campaigns in this workspace."),
    "new": ("campaigns", "Begin a campaign file."),
    "recipients": ("recipients", "Bring lists in and see who is on them."),
    "schools": ("schools", "Bring in the register of schools."),
    "suppress": ("suppress", "Record who must not be emailed, and see who is not."),
    "partner": ("partner", "Work through partners, who pass emails on."),
    "check": ("checking", "Find problems in a campaign before anyone else does."),
    "preview": ("previewing", "Show an email as it will arrive."),
    "review": ("reviewing", "Make the review pack: all an approver needs, in one file."),
    "approve": ("approving", "Approve exactly the emails that will be sent."),
    "test-send": ("testing", "Send one person's email to somebody in the team."),
    "send": ("sending", "Send an approved campaign."),
    "stop": ("holding", "Stop a campaign: nothing more of it is sent."),
    "resume": ("holding", "Let a stopped campaign go on."),
    "settle": ("holding", "Close a message in doubt by a person's word."),
    "status": ("following", "Say what became of every message."),
    "sync": ("following", "Fetch what became of messages from Notify."),
    "report": ("following", "Write a report of a campaign."),
    "signups": ("signups", "Record and list who signed up for research."),
    "person": ("person", "Find, hand over or erase what is held about somebody."),
    "retention": ("person", "Show what must be gone by today, and delete it."),
    "worker": ("worker", "Send what was set for a time, and fetch what became of it."),
    "serve": ("serve", "Serve the public pages that links in emails lead to."),
    "local-notify": ("local_notify", "Run the local Notify and its inbox."),
    "db": ("workspaces", "Look after the database."),
}


class FrontDoor(TyperGroup):
    """Lists every command without loading one, and loads the one that runs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # Typer's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # Typer's signature
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # Typer words an unknown command ("did you mean …"); a known one is then loaded.
        self.commands = {name: self.get_command(ctx, name) for name in COMMANDS}
        name, _, rest = super().resolve_command(ctx, args)
        if ctx.params.get("workspace"):
            rest = [*rest, "--workspace", str(ctx.params["workspace"])]
        return name, load_command(str(name)), rest


def load_command(name: str) -> Any:
    """Import the module that holds command *name* and return the command."""
    gc.disable()  # importing makes hardly any garbage, and looking for it takes a tenth of the time
    module = import_module(f"postroom.commands.{COMMANDS[name][0]}")
    gc.freeze()
    gc.enable()
    module.app.rich_markup_mode = None  # plain help, as the front door's own and the reference's
    command = typer.main.get_group(module.app).commands[name]
    for each in getattr(command, "commands", {name: command}).values():
        for parameter in each.params:
            _say_plainly_what_it_takes(parameter)
    return command


def _say_plainly_what_it_takes(parameter: Any) -> None:
    # In --help: TEXT, not <str>; choices without Python's list[…] around them.
    kind = parameter.type_descriptor
    if parameter.param_type_name == "argument":
        parameter.display_type_rich = lambda ctx: None  # noqa: ARG005  # Typer's signature
        return
    if not kind.is_choice:
        parameter.metavar = parameter.metavar or _name_of(kind)
        return
    if kind.is_list:
        parameter.metavar = f"<{'|'.join(choice.value for choice in kind.choices)}>"


def _name_of(kind: Any) -> str:
    if kind.is_path:
        return "PATH"
    if kind.is_ranged or kind.annotation in (int, float):
        return "NUMBER"
    return "TEXT"


app = typer.Typer(
    cls=FrontDoor,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # importing Rich would cost more than everything else here
    pretty_exceptions_enable=False,  # it would print local variables: keys and addresses
)


def _version(wanted: bool) -> None:  # Typer calls it with the option's value
    if wanted:
        typer.echo(f"outreach {VERSION}")
        raise typer.Exit


@app.callback()
def front_door(
    workspace: Annotated[  # handed on in FrontDoor.resolve_command
        Path | None,
        typer.Option(metavar="FOLDER", help="The workspace, if not this folder or one above it."),
    ] = None,
    version: Annotated[  # answered in its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Announce by email through GOV.UK Notify, and know what became of every message.

    Example: outreach demo
    """


def main() -> None:
    """Run the command line. What we foresaw is printed and exits 1; a bug keeps its traceback."""
    try:
        app(prog_name="outreach")
    except PostroomError as error:
        _refuse(str(error))
    except OSError as error:
        if not (said := out_of_reach(error)):
            raise
        _refuse(said)


def _refuse(why: str) -> None:
    typer.secho(why, fg="red", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
