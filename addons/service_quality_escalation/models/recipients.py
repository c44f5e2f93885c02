"""Finds the people who are told by the steps of escalation rules."""

LAST = "administrator"
"""The role that is told where no one else is found."""

AGENTS = "helpdesk_mgmt.group_helpdesk_user_own"


class Recipients:
    """Finds the people whom some steps are for, many steps in one go.

    A step tells only those who can be reached the way it says, and who may see what it
    is about.

    :param rows: the model of what steps leave behind, alarms or reminders, which says
        of each thing that is due what its record is, and who its people are
    :param due: list of what fires, each with its ``step``
    """

    def __init__(self, rows, due):
        self._rows = rows
        self._due = due
        self._actions = rows._actions()
        self._recipients = rows._recipients()
        self._nobody = rows.env["res.users"]
        self._found = {}  # recipient: users of each that is due
        self._readable = {}  # user: records

    def resolve(self):
        """Return the users of each step, in the order of the steps."""
        return [self._users(number) for number in range(len(self._due))]

    def _users(self, number):
        step = self._due[number].step
        action = self._actions.get(step.action)
        if action is None or not action.is_personal:
            return self._nobody
        recipient, tried = step.recipient, set()
        while recipient and recipient not in tried:
            tried.add(recipient)
            found = self._reachable(number, action, self._people(recipient)[number])
            if found:
                return found
            recipient = self._stand_in(recipient)
        return self._nobody

    def _stand_in(self, recipient):
        """Return who is told where a recipient is not found; None after the last."""
        if recipient == LAST:
            return None
        known = self._recipients.get(recipient)
        return known.stand_in if known else "service_manager"

    def _people(self, recipient):
        """Return the users that a recipient is for each thing that is due."""
        if recipient not in self._found:
            self._found[recipient] = self._look_up(recipient)
        return self._found[recipient]

    def _look_up(self, recipient):
        people = getattr(self._rows, f"_people_{recipient}", None)
        if people:
            return people(self._due)
        if recipient == LAST or recipient in self._recipients:
            return self._rows._members(recipient, self._due)
        return [self._nobody] * len(self._due)  # its addon is gone

    # ------------------------------------------------------------------
    # Who is left out
    # ------------------------------------------------------------------

    def _reachable(self, number, action, users):
        """Return those of some users whom an action reaches."""
        one = self._due[number]
        users = self._rows._company_of(one)._service_people(users)
        if action.reach:
            users = action.reach(users)
        if action.hands_over:
            return users[:1]
        record = self._rows._record_of(one)
        return users.filtered(lambda user: record in self._readable_by(user))

    def _readable_by(self, user):
        if user not in self._readable:
            every = [self._rows._record_of(one) for one in self._due]
            records = every[0].union(*every)
            found = records.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            found = found._filtered_access("read")  # batched: once for each person
            self._readable[user] = records.browse(found.ids)
        return self._readable[user]
