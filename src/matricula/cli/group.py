"""The form of every command that has subcommands."""

import typer


def group(help_text: str) -> typer.Typer:
    """A command with subcommands.

    Its help is plain text: boxes would load rich and a reader of Markdown, which takes longer than all the rest.
    """
    return typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, help=help_text)
