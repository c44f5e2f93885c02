from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models.base import OWN
from .common import ServiceQualityCase

OF_TICKETS = {
    ("helpdesk.ticket", name)
    for name in ("team_id", "category_id", "type_id", "partner_id")
} | {("helpdesk.ticket", "tag_ids")}

PASSING = ("res.users", "ir.attachment", "ir.ui.menu")
"""Who looks after something is asked for again, and a file is no condition."""

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestKept(ServiceQualityCase):
    """What closed work says stays said, and what a ticket is told makes sense."""

    # ------------------------------------------------------------------
    # Causes, solutions and types
    # ------------------------------------------------------------------

    def _check_kept(self, field, used, unused):
        """Delete what no ticket names; refuse what one does, archived or not."""
        ticket = self._ticket("2026-03-02 09:00:00", **{field: used.id})
        ticket.active = False
        unused.unlink()
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            used.unlink()
        used.active = False
        self.assertEqual(ticket[field], used)
        self.assertEqual(ticket._fields[field].ondelete, "restrict")

    def test_cause(self):
        """Regulation A3.6.1: the cause of closed work is not emptied."""
        causes = self.env["service.quality.cause"].create(
            [{"name": "Cable"}, {"name": "Power"}]
        )
        self._check_kept("service_cause_id", *causes)

    def test_solution(self):
        """Regulation A3.6.1: the solution of closed work is not emptied."""
        solutions = self.env["service.quality.solution"].create(
            [{"name": "Replaced"}, {"name": "Restarted"}]
        )
        self._check_kept("service_solution_id", *solutions)

    def test_type(self):
        """Regulation A4.3.3: a ticket is not left without its process."""
        types = self.env["helpdesk.ticket.type"].create(
            [{"name": "Move"}, {"name": "Question"}]
        )
        self._check_kept("type_id", *types)

    # ------------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------------

    def test_no_condition_is_emptied(self):
        """Nothing that a rule, a setting or a ticket names can be deleted under it."""
        emptied = [
            f"{name}.{field.name}"
            for name, model in sorted(self.env.registry.items())
            if model._auto and not model._transient and not model._abstract
            for field in model._fields.values()
            if name.startswith(OWN)
            or field.name.startswith("service_")
            or (name, field.name) in OF_TICKETS
            if field.store and not field.compute
            if field.type in ("many2one", "many2many")
            if not field.readonly and field.comodel_name not in PASSING
            if field.ondelete != "restrict"
            # what goes with what it names means nothing else
            if (field.type, field.ondelete) != ("many2one", "cascade")
        ]
        self.assertFalse(emptied, 'declare them ondelete="restrict"')

    def test_what_one_may_not_see(self):
        """Who may not see what names a record does not read its name either."""
        category = self.env["helpdesk.ticket.category"].create({"name": "Private"})
        self._ticket("2026-03-02 09:00:00", name="Secret", category_id=category.id)
        stranger = new_test_user(
            self.env, "kept", groups="helpdesk_mgmt.group_helpdesk_user_own"
        )
        category = category.with_user(stranger).sudo()
        with self.assertRaises(UserError) as refused:
            category._unlink_if_unnamed()
        self.assertNotIn("Secret", str(refused.exception))
        self.assertIn("one that you may not see", str(refused.exception))

    # ------------------------------------------------------------------
    # Phase
    # ------------------------------------------------------------------

    def test_phase_of_a_stage_that_names_none(self):
        """A ticket has a phase, and is found by it, though its stage names none."""
        stages = self.env["helpdesk.ticket.stage"].create(
            [
                {"name": "Shelved", "closed": True},
                {"name": "Queue", "unattended": True},
                {"name": "Bench"},
            ]
        )
        tickets = self.env["helpdesk.ticket"]
        for stage in stages:
            tickets += self._ticket("2026-03-02 09:00:00", stage_id=stage.id)
        phases = ["closed", "new", "active"]
        self.assertEqual(tickets.mapped("service_phase"), phases)
        for ticket, phase in zip(tickets, phases, strict=True):
            found = tickets.search(
                [("id", "in", tickets.ids), ("service_phase", "=", phase)]
            )
            self.assertEqual(found, ticket)
        others = [("id", "in", tickets.ids), ("service_phase", "!=", "closed")]
        self.assertEqual(tickets.search_count(others), 2)
        stages[2].closed = True
        self.assertEqual(tickets[2].service_phase, "closed")

    # ------------------------------------------------------------------
    # What other programs say
    # ------------------------------------------------------------------

    def test_moment_out_of_range(self):
        """A moment that is none in UTC is refused in words."""
        ticket = self._ticket("2026-03-02 09:00:00")
        for moment in ("0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"):
            with self.assertRaisesRegex(ValidationError, "takes a time as"):
                ticket.service_record("noted", at=moment)

    def test_kind_is_a_text(self):
        """Anything but the name of a kind or metric is refused in words."""
        ticket = self._ticket("2026-03-02 09:00:00")
        with self.assertRaisesRegex(ValidationError, "kind takes one of"):
            ticket.service_record(["noted"])
        with self.assertRaisesRegex(ValidationError, "metric takes one of"):
            ticket.service_set_deadline(["resolution"], False, "Agreed")

    def test_deadline_far_ahead(self):
        """A deadline beyond what calendars know is refused, one within is taken."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            with self.assertRaisesRegex(ValidationError, "more than 5 years ahead"):
                ticket.service_set_deadline(
                    "resolution", "2031-03-02 10:00:01", "Agreed"
                )
            ticket.service_set_deadline(
                "resolution",
                "2031-03-02 10:00:00",
                "Agreed",
                attachment_ids=self._consent(ticket),
            )
        self.assertMoment(self.clock(ticket).deadline, "2031-03-02 10:00")
