"""The one exception type whose message is meant for the user."""


class MinispiralError(Exception):
    """A problem the user can act on; its message is one line: what, where, and what to do."""
