"""The one error a person is meant to read."""


class GazetteError(Exception):
    """Bad input or state that a person can put right.

    The message is one line that names the file, the line or the field and the
    way out; every command line prints it without a traceback and exits with 1.
    """
