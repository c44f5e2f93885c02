"""Says in words why an import refused a record or took it differently."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

REFUSED = {
    "no_record": _lt("It is not a record: send a dictionary with its keys."),
    "unknown_key": _lt("There is no such key: %(given)s."),
    "missing": _lt("%(given)s is missing."),
    "bad_text": _lt(
        "%(given)s is not a text, or has a character in it that none may have."
    ),
    "too_long": _lt("%(key)s has %(count)s characters, and %(most)s at most."),
    "bad_time": _lt(
        "%(given)s is not a time. Write it as YYYY-MM-DD HH:MM:SS, in UTC."
    ),
    "bad_choice": _lt("%(key)s cannot be %(given)s."),
    "bad_name": _lt("%(key)s is neither a name nor an id: %(given)s."),
    "bad_events": _lt("events is not a list."),
    "bad_event": _lt("It is not a dictionary."),
    "bad_seq": _lt("seq is not a number above zero: %(given)s."),
    "unknown_kind": _lt("There is no kind %(given)s of rows."),
    "says_nothing": _lt("A row of the kind %(given)s has to say what changed."),
    "bad_until": _lt(
        "%(given)s is no end of a pause: only a waiting phase has one, after its "
        "beginning and at most a year ahead."
    ),
    "opened_in_future": _lt("It was opened in the future: %(given)s."),
    "over_at_opening": _lt(
        "It comes as %(given)s from its opening on. Say when that was, in a row of the "
        "kind phase."
    ),
    "over_before_opening": _lt(
        "%(given)s, when the ticket was handled, lies before its opening. Correct one "
        "of the two."
    ),
    "in_future": _lt("%(given)s lies in the future."),
    "row_twice": _lt("Another row of the record has the external_ref %(given)s."),
    "after_start": _lt(
        "The desk worked here already when this ticket was opened. Only programs with "
        "the role Integration bring such tickets with their past."
    ),
    "afterwards": _lt(
        "A deadline was %(given)s, and nothing was entered by then. What is imported "
        "so much later does not take back that it was missed. Send what happened "
        "within the time that entries may take, or have the miss excluded."
    ),
    "record_twice": _lt("Another record of this call has the external_ref %(given)s."),
    "unknown": _lt(
        "There is no %(key)s %(given)s. Create it, or name %(key)s in create_missing."
    ),
    "unknown_id": _lt("The company has no %(key)s with the id %(given)s."),
    "ambiguous": _lt(
        "There are several with the name %(given)s: give the %(key)s's id."
    ),
    "no_stage": _lt("The team has no stage for the phase %(given)s. Add one."),
    "database": _lt("The database refused it: %(given)s"),
    "error": _lt("%(given)s"),
}

REMARKED = {
    "moved_to_opening": _lt("%(given)s lies before the opening and was moved to it."),
    "sorted": _lt("%(given)s lies before the row above it; the rows were sorted."),
    "unknown": _lt("There is no %(key)s %(given)s; it was left out."),
    "ambiguous": _lt(
        "There are several with the name %(given)s; %(key)s was left out."
    ),
    "kept": _lt(
        "%(key)s differs from what the ticket was imported with, which stays. Send a "
        "row that says when it changed."
    ),
}

ROW = _lt("Row %(number)s: %(text)s")
