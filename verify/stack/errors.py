"""The errors of starting and stopping, each one sentence that says what to do."""


class StackError(Exception):
    """Something on this machine keeps Verify from starting or stopping; the text is for the person at the screen."""
