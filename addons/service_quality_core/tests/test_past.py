from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ServiceQualityCase

NOW = "2026-06-15 12:00:00"
OPENED, ANSWERED, CLOSED = (
    "2026-03-02 09:00:00",
    "2026-03-02 09:30:00",
    "2026-06-02 15:00:00",
)
COLUMNS = ("name", "description", "partner_id/.id", "service_opened_at", "stage_id/id")
HANDLED = "helpdesk_mgmt.helpdesk_ticket_stage_done"
NEW = "helpdesk_mgmt.helpdesk_ticket_stage_new"
AWAITING = "helpdesk_mgmt.helpdesk_ticket_stage_awaiting"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestPast(ServiceQualityCase):
    """Tickets that are brought in by their columns alone, as by *Import records*.

    Never a verdict of 0 s that nobody measured.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(
            {"metric": "first_response", "duration": 1},
            {"metric": "resolution", "duration": 8},
        )
        cls.manager = cls._user("past_manager", "service_manager", "staff")

    def _load(self, stage, *dates, columns=("closed_date",), opened=OPENED):
        row = ["No dial tone", "Dead", str(self.contact.id), opened, stage, *dates]
        Ticket = self.env["helpdesk.ticket"].with_user(self.manager)
        return Ticket.load([*COLUMNS, *columns], [row])

    def _loaded(self, *arguments, **options):
        result = self._load(*arguments, **options)
        self.assertFalse(result["messages"])
        return self.env["helpdesk.ticket"].browse(result["ids"])

    def assertRefused(self, words, *arguments, **options):
        result = self._load(*arguments, **options)
        self.assertFalse(result["ids"])
        self.assertIn(words, result["messages"][0]["message"])

    def test_handled_months_ago(self):
        """Odoo's own import gave both clocks met in 0 s, 100 % and an open call."""
        ticket = self._loaded(
            HANDLED, ANSWERED, CLOSED,
            columns=("service_first_answered_at", "closed_date"),
        )  # fmt: skip
        self.assertEqual(self.kinds(ticket), ["opened", "responded", "phase"])
        self.assertEqual(set(ticket.service_event_ids.mapped("origin")), {"import"})
        answered, resolved = (
            self.clock(ticket, metric) for metric in ("first_response", "resolution")
        )
        self.assertEqual(answered.elapsed_seconds, 1800)
        self.assertMoment(answered.stopped_at, "2026-03-02 09:30")
        self.assertEqual((answered.verdict, resolved.verdict), ("met", "missed"))
        self.assertMoment(resolved.stopped_at, "2026-06-02 15:00")
        self.assertMoment(ticket.service_first_answered_at, "2026-03-02 09:30")
        self.assertFalse(ticket.activity_ids)
        self.assertFalse(ticket.message_ids.notification_ids)
        self.assertConsistent(ticket)

    def test_through_the_dialog(self):
        """The whole way of *Import records*, with a row that is refused by number."""
        lines = [
            "Title,Description,Opened At,Stage,Closed Date",
            f"One,Dead,{OPENED},Done,{CLOSED}",
            f"Two,Dead,{OPENED},Done,",
        ]
        wizard = self.env["base_import.import"].create(
            {
                "res_model": "helpdesk.ticket",
                "file": "\n".join(lines).encode(),
                "file_type": "text/csv",
            }
        )
        names = ["name", "description", "service_opened_at", "stage_id", "closed_date"]
        result = wizard.execute_import(
            names,
            lines[0].split(","),
            {
                "has_headers": True,
                "quoting": '"',
                "separator": ",",
                "datetime_format": "%Y-%m-%d %H:%M:%S",
            },
        )
        message = result["messages"][-1]  # Odoo shows the first one on top, too
        self.assertEqual(message["rows"], {"from": 1, "to": 1})
        self.assertIn("“Two”", message["message"])
        self.assertIn("Closed Date", message["message"])

    def test_handled_without_a_date_is_refused(self):
        self.assertRefused("Closed Date", HANDLED, False)
        self.assertRefused("Closed Date", HANDLED, False, opened=NOW)

    def test_dates_that_cannot_have_been(self):
        for closed in (OPENED, "2026-03-01 09:00:00", "2026-06-15 12:00:01"):
            self.assertRefused("do not follow", HANDLED, closed)
        self.assertRefused("its stage is open", NEW, CLOSED)
        self.assertRefused(
            "do not follow", HANDLED, "2026-06-03 09:00:00", CLOSED,
            columns=("service_first_answered_at", "closed_date"),
        )  # fmt: skip

    def test_an_open_one_of_months_ago(self):
        """It is late since then, and nobody hears of what was due before it came."""
        ticket = self._loaded(NEW, ANSWERED, columns=("service_first_answered_at",))
        self.assertEqual(self.kinds(ticket), ["opened", "responded"])
        self.assertEqual(self.clock(ticket, "first_response").verdict, "met")
        self.assertEqual(self.clock(ticket).burning, "late")

    def test_waiting_begins_when_it_is_told(self):
        """Nobody knows since when it waits: it was not paused from its opening on."""
        ticket = self._loaded(AWAITING, columns=())
        clock = self.clock(ticket)
        self.assertEqual(clock.verdict, "missed")
        self.assertMoment(clock.deadline, "2026-03-02 17:00")

    def test_some_with_a_past_and_some_without(self):
        old = {
            "name": "Old", "description": "Dead", "stage_id": self.stages["closed"].id,
            "service_opened_at": OPENED, "closed_date": CLOSED,
        }  # fmt: skip
        new = {"name": "New", "description": "Dead"}
        tickets = self.env["helpdesk.ticket"].create([new, old, new])
        self.assertEqual(tickets.mapped("name"), ["New", "Old", "New"])
        self.assertEqual(
            tickets.service_event_ids.filtered(lambda row: row.origin == "import")
            .ticket_id.mapped("name"),
            ["Old"],
        )  # fmt: skip

    def test_who_may_bring_a_past(self):
        """A past decides verdicts: an agent makes none up."""
        agent = self._user("past_agent", "staff")
        values = {
            "name": "Old", "description": "Dead", "stage_id": self.stages["closed"].id,
            "service_opened_at": OPENED, "closed_date": CLOSED,
        }  # fmt: skip
        with self.assertRaises(AccessError):
            self.env["helpdesk.ticket"].with_user(agent).create(values)
        by_default = {"default_closed_date": values.pop("closed_date")}
        with self.assertRaises(AccessError):
            self.env["helpdesk.ticket"].with_user(agent).with_context(
                **by_default
            ).create(values)
        with self.assertRaises(ValidationError):
            self.env["helpdesk.ticket"].with_user(agent).create(values)

    def test_handled_at_the_desk_is_handled_now(self):
        """A ticket of this morning that is entered as done was done when entered."""
        ticket = self._ticket(
            stage_id=self.stages["resolved"].id, service_opened_at="2026-06-15 10:00:00"
        )
        self.assertEqual(self.clock(ticket).elapsed_seconds, 2 * 3600)

    def test_dates_are_not_written(self):
        ticket = self._ticket()
        for name in ("closed_date", "last_stage_update", "service_first_answered_at"):
            with self.assertRaises(UserError):
                ticket[name] = CLOSED
        self._move(ticket, "resolved", NOW)
        self.assertTrue(ticket.closed_date)

    def test_a_copy_begins_anew(self):
        ticket = self._loaded(HANDLED, CLOSED)
        again = ticket.copy()
        self.assertEqual(again.service_phase, "new")
        self.assertMoment(again.service_opened_at, NOW)
        self.assertFalse(again.closed_date)
        self.assertFalse(again.service_clock_ids.filtered("verdict"))
