"""Runs each unit of a job in a savepoint, so that a failure does not stop the rest."""

import logging

from psycopg2 import errors

_logger = logging.getLogger(__name__)

COLLISIONS = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)
"""What happens to a transaction that met another one: it is run again."""


def run_isolated(cr, what, work):
    """Run a piece of work; what fails leaves nothing behind, and is in the log.

    :param what: what the work is about, for the log
    :param work: called without arguments
    :return: the error, or None
    :raise: what happens to a transaction that met another one
    """
    try:
        with cr.savepoint():
            work()
    except COLLISIONS:
        raise
    except Exception as error:  # anything may be wrong with what people have entered
        _logger.exception("Not done: %s", what)
        return error
    return None
