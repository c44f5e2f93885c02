import ast
import re
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time

from odoo import models
from odoo.fields import Command
from odoo.tests import tagged

from ..models.prefetch import APART
from ..models.roles import STAFF
from .common import ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestQueries(ServiceQualityCase):
    """SLA case 20: the cost of a ticket does not grow with the number of tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        metrics = ("first_response", "resolution", "update")
        cls._agreement(*({**TARGET, "metric": metric} for metric in metrics))

    def _count(self, action):
        """Return how many statements an action sends to the database."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _open(self, number):
        values = {
            "name": "No dial tone",
            "description": "Since this morning",
            "partner_id": self.contact.id,
            "team_id": self.team.id,
            "stage_id": self.stages["new"].id,
        }
        # numbers are drawn one by one by the helpdesk
        numbered = patch.object(
            self.env.registry["helpdesk.ticket"],
            "_prepare_ticket_number",
            lambda tickets, values: "T",
        )
        with freeze_time("2026-03-02 09:00:00"), numbered:
            return self.env["helpdesk.ticket"].create([values] * number)

    def test_opening_tickets(self):
        """SLA case 20: a hundred tickets cost as many statements as ten."""
        self._open(2)
        few, many = (self._count(lambda n=n: self._open(n)) for n in (10, 100))
        # the helpdesk reads the team of each ticket; ours add nothing per ticket
        self.assertLessEqual(many, few + 5)

    def test_moving_tickets(self):
        """SLA case 20: moving a hundred tickets costs as many statements as ten."""
        self._move(self._open(2), "active", "2026-03-02 09:30:00")
        counts = []
        for number in (10, 100):
            tickets = self._open(number)
            counts.append(
                self._count(
                    lambda t=tickets: self._move(t, "active", "2026-03-02 10:00:00")
                )
            )
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_moving_costs_at_most_twenty_statements_more(self):
        """SLA case 20: beside the helpdesk's own work there are twenty statements."""
        tickets = self._open(50)
        self._move(tickets, "active", "2026-03-02 09:30:00")
        bare = self._count(
            lambda: models.BaseModel.write(tickets, {"stage_id": self.stages["new"].id})
        )
        with_ours = self._count(
            lambda: self._move(tickets, "waiting_customer", "2026-03-02 10:00:00")
        )
        self.assertLessEqual(with_ours - bare, 20)

    def test_answering_and_recording(self):
        """SLA case 20: facts about a hundred tickets are written at once."""
        counts = []
        for number in (10, 100):
            tickets = self._open(number)
            with freeze_time("2026-03-02 10:00:00"):
                counts.append(
                    self._count(lambda t=tickets: t.service_record("updated"))
                )
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_replanning_a_calendar(self):
        """SLA case 20: a holiday replans a hundred clocks as it does ten."""
        counts = []
        for number in (10, 90):
            self._open(number)
            with freeze_time("2026-03-02 10:00:00"):
                self.office._service_mark_stale()
                Clock = self.env["service.quality.clock"]
                Clock._store_stale_timetables()
                tickets, _left = Clock._tickets_to_replan(500)
                refold = self.env["service.quality.ledger"]._refold
                counts.append(self._count(lambda r=refold, t=tickets: r(t)))
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_ledger_of_a_ticket_that_is_read(self):
        """What a ticket itself refers to, its customer too, is not looked for again."""
        other, ticket = self._open(2)
        other.service_event_ids.mapped("summary")  # what is known once and for all
        contact = ticket.partner_id
        referred = (contact, contact.commercial_partner_id, ticket.team_id)
        for record in (*referred, ticket.category_id, ticket.type_id, ticket.user_id):
            record.mapped("display_name")
        events = ticket.service_event_ids
        self.assertIn(
            self.acme.id, [value["customer"] for value in events.mapped("value")]
        )
        with self.assertQueryCount(0):
            summaries = events.mapped("summary")
        self.assertIn("Acme", summaries[-1])

    def test_spans_without_the_order_of_tickets(self):
        """Time by holder is in order without a look at the tickets."""
        spans = self.env["service.quality.span"]
        query = spans._search([], order=spans._order)
        self.assertNotIn("JOIN", query.select().code)

    def test_lists_leave_texts_out(self):
        """Fields that lists seldom show are not read along, and together when asked."""
        tickets = self._open(3)
        tickets.flush_recordset()
        tickets.invalidate_recordset()
        tickets.mapped("name")
        known = [f for f in tickets._fields.values() if f.prefetch == APART]
        self.assertGreater(len(known), 5)
        ticket = tickets[0].id
        self.assertFalse([f for f in known if ticket in f._get_cache(self.env)])
        self.assertEqual(self._count_read(tickets, [f.name for f in known]), 1)

    def _count_read(self, tickets, names):
        before = self.env.cr.sql_log_count
        for ticket in tickets:
            for name in names:
                ticket[name]
        return self.env.cr.sql_log_count - before

    def test_staff_are_known(self):
        """Who works here is asked of the database once, and again after a change."""
        user = self._user("knows")
        user = user.with_user(user)
        self.assertTrue(user.has_groups(STAFF))
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            self.assertTrue(user.has_groups(STAFF))
        portal = self.env.ref("base.group_portal")
        user.sudo().group_ids = [Command.set(portal.ids)]
        self.assertFalse(user.has_groups(STAFF))

    def test_replanning_nothing(self):
        """SLA case 20: the job that runs every ten minutes asks two questions."""
        self._open(10)
        Clock = self.env["service.quality.clock"]
        self.assertLessEqual(self._count(Clock._cron_replan_clocks), 2)


@tagged("post_install", "-at_install")
class TestDeclarations(ServiceQualityCase):
    """Each index and constraint that the sources name is one in the database."""

    def test_no_name_is_used_twice(self):
        """What is declared again under a name takes the place of the first one."""
        declared = Counter(
            obj.full_name(self.env[name])[:63]
            for name, model in self.env.registry.items()
            if model._auto and not model._abstract
            for definition in {*model.__mro__}
            if "service_quality" in definition.__module__
            for obj in vars(definition).get("_table_object_definitions", ())
        )
        self.assertGreater(len(declared), 30)
        self.assertFalse([name for name, count in declared.items() if count > 1])

    def test_each_file_of_a_model_is_loaded(self):
        """A model in a file that the package does not import does not exist."""
        family = Path(__file__).parents[2]
        loaded = {
            name.name
            for package in family.glob("service_quality*/*/__init__.py")
            for node in ast.walk(ast.parse(package.read_text()))
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        declaring = {
            path.stem
            for path in family.glob("service_quality*/*/*.py")
            if re.search(r"^class \w+\(models\.", path.read_text(), re.MULTILINE)
        }
        self.assertGreater(len(declaring), 100)
        self.assertFalse(declaring - loaded)


@tagged("post_install", "-at_install")
class TestAreas(ServiceQualityCase):
    """The teams that a user works in are known once, and never too long."""

    def test_they_follow_each_change(self):
        """Whatever changes who works where is seen in the same transaction."""
        user = self._user("areas", "desk")
        Team = self.env["helpdesk.ticket.team"]
        self.assertFalse(user._service_areas())
        above = Team.create({"name": "Above", "user_id": self.env.uid})
        led = Team.create({"name": "Led", "user_id": user.id})
        self.assertEqual(user._service_areas(), led)
        led.parent_id = above
        self.assertEqual(user._service_areas(), led | above)
        led.user_id = False
        self.assertFalse(user._service_areas())
        above.user_ids = user
        self.assertEqual(user._service_areas(), above)
        above.active = False
        self.assertEqual(user._service_areas(), above)
        user.helpdesk_team_ids = led
        self.assertEqual(user._service_areas(), led | above)
        led.unlink()
        self.assertEqual(user._service_areas(), above)

    def test_they_are_found_once(self):
        """Record rules that ask again cost no query."""
        user = self._user("areas", "desk")
        user._service_areas()
        with self.assertQueryCount(0):
            user._service_areas()
