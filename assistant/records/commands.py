"""``python -m assistant operators …``: who may log in to the console."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser, Namespace

from corpus import GazetteError, settings

from .database import Database
from .operators import Operators

PURPOSES = {
    "add": "let somebody in; the password is asked for, or read from standard input",
    "password": "set a new password and end the operator's sessions",
    "remove": "shut an operator out, and delete the operator's notes",
    "list": "the names, one a line",
}


def operators_options(parser: ArgumentParser) -> None:
    """The options of the command."""
    commands = parser.add_subparsers(dest="action", required=True)
    for name, purpose in PURPOSES.items():
        command = commands.add_parser(name, help=purpose, description=purpose)
        if name != "list":
            command.add_argument("name", metavar="NAME")


def operators_command(options: Namespace) -> None:
    """Does it, and prints one line. Raises GazetteError for what a person has to put right."""
    database = Database.of(settings())
    operators = Operators(database)
    try:
        if options.action == "list":
            print("\n".join(operators.names()) or "no operator yet; to add one: python -m assistant operators add NAME")
        elif options.action == "remove":
            operators.remove(options.name)
            print(f"{options.name} is removed")
        elif options.action == "password":
            operators.set_password(options.name, password())
            print(f"{options.name} has a new password")
        else:
            operators.add(options.name, password())
            print(f"{options.name} may log in at /operator")
    finally:
        database.close()


def password() -> str:
    """Typed twice at a terminal, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass.getpass("password: ")
    if typed != getpass.getpass("again: "):
        raise GazetteError("the two passwords differ; nothing was changed")
    return typed
