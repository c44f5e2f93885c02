"""Whom the steps of escalation rules tell."""

from .escalation_data import IMPERSONAL

NEXT = {
    "assignee": "duty",
    "duty": "leader",
    "leader": "service_manager",
    "project_manager": "service_manager",
    "technical_centre": "service_manager",
    "quality": "service_manager",
    "executive": "service_manager",
    "user": "service_manager",
    "service_manager": "administrator",
}
"""Who is told when there is nobody of a kind, so that an alarm never finds nobody."""

AGENTS = "helpdesk_mgmt.group_helpdesk_user_own"


class Recipients:
    """The people whom some steps are for, looked up in sets.

    Only who can be reached the way the step says, and may see what it is about, is
    told. A kind of due things says of each one what people are told of, in which
    company, and under which agreement: ``_record``, ``_company_id``, ``_agreement``;
    and who works on it: ``_of_assignee``.

    :param due: list of what fires, each with its ``step``
    :param records: all that people are told of, of one model
    """

    def __init__(self, env, due, records):
        self.env = env
        self._due = due
        self._records = records
        self._nobody = env["res.users"]
        self._members = {}  # (role, company id): users
        self._readable = {}  # user: records

    def resolve(self):
        """Return the users of each step, in the order of the steps."""
        return [self._users(one) for one in self._due]

    def _users(self, one):
        if one.step.action in IMPERSONAL:
            return self._nobody
        recipient = one.step.recipient
        while recipient:
            found = getattr(self, f"_of_{recipient}", self._of_group)(one, recipient)
            found = self._reachable(one, found)
            if found:
                return found
            recipient = NEXT.get(recipient)
        return self._nobody

    # ------------------------------------------------------------------
    # Kinds of recipients
    # ------------------------------------------------------------------

    def _of_duty(self, _one, _recipient):
        return self._nobody

    def _of_leader(self, _one, _recipient):
        return self._nobody

    def _of_project_manager(self, one, _recipient):
        return self._project(one).user_id

    def _of_service_manager(self, one, recipient):
        return self._agreement(one).manager_id.filtered("active") or self._of_group(
            one, recipient
        )

    def _of_user(self, one, _recipient):
        return one.step.user_id

    def _project(self, one):
        return self._agreement(one).project_id

    def _of_group(self, one, recipient):
        """Return the members of a role in the company of what is due."""
        key = (recipient, self._company_id(one))
        if key not in self._members:
            role, company_id = key
            company = self.env["res.company"].browse(company_id)
            self._members[key] = company._service_role_users(role)
        return self._members[key]

    # ------------------------------------------------------------------
    # Who is left out
    # ------------------------------------------------------------------

    def _reachable(self, one, users):
        company = self.env["res.company"].browse(self._company_id(one))
        users = company._service_people(users)
        action = one.step.action
        if action == "reassign":
            # one gets the ticket, and sees it then
            return users.filtered(lambda user: user.has_group(AGENTS))[:1]
        if action == "mail":
            users = users.filtered("email")
        elif action == "sms":
            users = users.filtered(lambda user: user.partner_id.phone)
        record = self._record(one)
        return users.filtered(lambda user: record in self._readable_by(user))

    def _readable_by(self, user):
        if user not in self._readable:
            records = self._records.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            found = records._filtered_access("read")  # batched: once for each person
            self._readable[user] = self._records.browse(found.ids)
        return self._readable[user]


class PromiseRecipients(Recipients):
    """Who is told of the promises of tickets.

    A colleague of another company is not, nor the person whom a complaint is about.

    :param due: list of :class:`~.service_quality_sweep.Due`
    """

    def __init__(self, env, due):
        tickets = env["helpdesk.ticket"].browse({one.clock["ticket_id"] for one in due})
        super().__init__(env, due, tickets)
        self._teams = env["helpdesk.ticket.team"].browse(
            {one.clock["team_id"] for one in due} - {None}
        )
        self._on_duty = None
        self._assignees = None

    def _record(self, one):
        return self._records.browse(one.clock["ticket_id"])

    def _company_id(self, one):
        return one.clock["company_id"]

    def _agreement(self, one):
        Agreement = self.env["service.quality.agreement"]
        return Agreement.browse(one.clock["agreement_id"] or ())

    def _of_assignee(self, one, _recipient):
        if self._assignees is None:
            alarms = self.env["service.quality.escalation.alarm"]
            self._assignees = alarms._assignees(self._due)
        return self._assignees[one.key]

    def _of_duty(self, one, _recipient):
        if self._on_duty is None:
            self._on_duty = self.env["service.quality.duty"]._on_duty(self._teams)
        return self._on_duty.get(one.clock["team_id"], self._nobody)

    def _of_leader(self, one, _recipient):
        return self._teams.browse(one.clock["team_id"] or ()).user_id
