import io

from freezegun import freeze_time
from reportlab.pdfgen.canvas import Canvas

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.base.tests.common import BaseCommon

from ..models.roles import STAFF, group_of

STAGES = {
    "new": "helpdesk_mgmt.helpdesk_ticket_stage_new",
    "active": "helpdesk_mgmt.helpdesk_ticket_stage_in_progress",
    "waiting_customer": "helpdesk_mgmt.helpdesk_ticket_stage_awaiting",
    "waiting_third_party": (
        "service_quality_core.helpdesk_ticket_stage_waiting_third_party"
    ),
    "resolved": "helpdesk_mgmt.helpdesk_ticket_stage_done",
    "closed": "service_quality_core.helpdesk_ticket_stage_closed",
    "cancelled": "helpdesk_mgmt.helpdesk_ticket_stage_cancelled",
}


def printed(*lines):
    """Return a PDF file with a page on which the lines stand; none: it is blank."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pageCompression=0, invariant=True)
    for number, line in enumerate(lines):
        canvas.drawString(72, 760 - 20 * number, line)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


PAPER = printed("Signed by both sides of the agreement.")
"""A paper that was printed into a file."""


class ServiceQualityCase(BaseCommon):
    """A helpdesk with two teams, two customers and an office open 09:00–17:00 UTC.

    All tests play in March 2026; the 2nd is a Monday.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._forget_house_rules()
        cls._forget_regulations()
        cls.stages = {phase: cls.env.ref(ref) for phase, ref in STAGES.items()}
        cls.office = cls._define_calendar("Office", [(9, 17)], tz="UTC")
        cls.team, cls.other_team = cls.env["helpdesk.ticket.team"].create(
            [{"name": "First line"}, {"name": "Network"}]
        )
        cls.acme, cls.globex, cls.supplier = cls.env["res.partner"].create(
            [
                {"name": name, "is_company": True}
                for name in ("Acme", "Globex", "Carrier")
            ]
        )
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ann", "parent_id": cls.acme.id, "email": "ann@acme.example"}
        )
        cls.incident = cls.env.ref("service_quality_core.helpdesk_ticket_type_incident")
        cls.change = cls.env.ref("service_quality_core.helpdesk_ticket_type_change")

    @classmethod
    def _forget_house_rules(cls):
        """Have no house rule in force, ever: each test makes those that it is about."""
        rules = cls.env["service.quality.target"].search([("agreement_id", "=", False)])
        rules.active = False
        # what was in force before it was archived holds on for what came in then
        cls.env["service.quality.term"].create(
            [
                {
                    "target_id": term.target_id.id,
                    "date_start": term.date_start,
                    "date_end": term.date_start,
                }
                for term in rules.term_ids
            ]
        )

    @classmethod
    def _forget_regulations(cls):
        """Let the story's regulation ask for nothing: a test puts in force its own."""
        regulation = cls._ours("regulation_a")
        if regulation:
            table = SQL.identifier(regulation.term_ids._table)
            cls.env.cr.execute(SQL("DELETE FROM %s", table))
            cls.env.invalidate_all()

    # ------------------------------------------------------------------
    # Factories
    # ------------------------------------------------------------------

    @classmethod
    def _define_calendar(cls, name, hours, tz="UTC", days=range(5), **values):
        """Make a calendar with the same hours on some days of the week."""
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": name,
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning",
                        }
                    )
                    for day in days
                    for start, end in hours
                ],
                **values,
            }
        )

    @classmethod
    def _agreement(cls, *targets, sign=True, **values):
        """Make an agreement with targets given as dicts; for Acme, in office hours."""
        agreement = cls.env["service.quality.agreement"].create(
            {
                "name": "Support",
                "partner_ids": [Command.set(cls.acme.ids)],
                "calendar_id": cls.office.id,
                "date_start": "2026-01-01",
                "signed_by_us": "Us",
                "signed_by_us_on": "2025-12-01",
                "signed_by_customer": "Them",
                "signed_by_customer_on": "2025-12-01",
                "target_ids": [Command.create(target) for target in targets],
                **values,
            }
        )
        if sign:
            agreement.action_sign()
        return agreement

    @classmethod
    def _house_rule(cls, **values):
        return cls.env["service.quality.target"].create({"always": True, **values})

    @classmethod
    def _ticket(cls, moment=None, **values):
        """Open a ticket of Acme's contact at a moment."""
        values = {
            "name": "No dial tone",
            "description": "Since this morning",
            "partner_id": cls.contact.id,
            "team_id": cls.team.id,
            "stage_id": cls.stages["new"].id,
            **values,
        }
        if moment is None:
            return cls.env["helpdesk.ticket"].create(values)
        with freeze_time(moment):
            return cls.env["helpdesk.ticket"].create(values)

    @classmethod
    def _move(cls, tickets, phase, moment, **values):
        """Move tickets to the stage of a phase at a moment."""
        if phase == "cancelled":
            values.setdefault("service_cancel_reason", "Reported twice")
        with freeze_time(moment):
            tickets.write({"stage_id": cls.stages[phase].id, **values})

    @classmethod
    def _consent(cls, ticket):
        """Attach a file in which the customer agrees; return its id in a list."""
        return (
            cls.env["ir.attachment"]
            .create(
                {
                    "name": "agreed.txt",
                    "raw": f"{ticket[:1].number}: yes, until Wednesday".encode(),
                    "res_model": ticket._name,
                    "res_id": ticket[:1].id,
                }
            )
            .ids
        )

    @classmethod
    def _user(cls, login, *roles, **values):
        """Make a user with roles of ours."""
        groups = ",".join(map(group_of, roles)) or STAFF
        return new_test_user(cls.env, login=login, groups=groups, **values)

    @classmethod
    def _ours(cls, name):
        """Return what has an external id, whichever of our addons brings it."""
        data = cls.env["ir.model.data"].search(
            [("module", "=like", "service_quality%"), ("name", "=", name)]
        )
        return data and cls.env[data.model].browse(data.res_id)

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def clock(self, ticket, metric="resolution", agreement=None):
        """Return the ticket's only clock of a metric that is not cancelled."""
        clocks = ticket.service_clock_ids.filtered(
            lambda clock: clock.metric == metric and clock.state != "cancelled"
        )
        if agreement:
            clocks = clocks.filtered(lambda clock: clock.agreement_id == agreement)
        self.assertEqual(len(clocks), 1, f"clocks of {metric}")
        return clocks

    def kinds(self, ticket):
        """Return the kinds of the ticket's rows in the order in which they count."""
        return ticket.service_event_ids.sorted(lambda e: (e.at, e.seq, e.id)).mapped(
            "kind"
        )

    def assertMoment(self, moment, expected):
        """Compare a datetime with a text ``YYYY-MM-DD HH:MM[:SS]``."""
        text = moment and moment.strftime("%Y-%m-%d %H:%M:%S")
        self.assertEqual(text, expected if len(expected) > 16 else f"{expected}:00")

    def assertConsistent(self, tickets):
        """Assert that clocks and spans are what the ledger says, to the last second."""
        differences = self.env["service.quality.ledger"]._differences(tickets.ids)
        self.assertEqual(differences, [])
