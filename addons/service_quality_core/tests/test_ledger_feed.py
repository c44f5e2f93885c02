import base64
import json
import xmlrpc.client

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.service_quality_ledger_feed import _decode, _encode
from .common import ServiceQualityCase

FAR = 2**62
"""A transaction of a cluster that has counted further than this one ever will."""


@tagged("post_install", "-at_install")
class TestChanges(ServiceQualityCase):
    """What open transactions hide is tested against a running server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk.ticket"]
        _found, cls.start = cls._all("", 1000)
        cls.tickets = cls.Ticket.create(
            [{"name": f"T{number}", "description": "…"} for number in range(5)]
        )
        cls.rows = cls.tickets.service_event_ids.sorted("id")

    @classmethod
    def _commit(cls, rows, xid=None):
        """Give rows the transaction that they would have if they were committed."""
        cls.env.cr.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1"
        )
        [newest] = cls.env.cr.fetchone()
        events = cls.env["service.quality.event"]
        events._unlock_ledger()
        cls.env.cr.execute(
            "UPDATE service_quality_event SET xid = %s::xid8 WHERE id = ANY(%s)",
            [str(xid or newest), rows.ids],
        )
        events._lock_ledger()

    @classmethod
    def _all(cls, cursor, limit=2, user=None):
        """Read on to the end; return the ids that came and the last cursor."""
        Ticket = cls.Ticket.with_user(user) if user else cls.Ticket
        found, more = [], True
        while more:
            answer = Ticket.service_changes(cursor, limit)
            assert len(answer["rows"]) <= limit
            found += [row["id"] for row in answer["rows"]]
            cursor, more = answer["cursor"], answer["more"]
        return found, cursor

    def test_rows_come_once_and_page_by_page(self):
        self._commit(self.rows)
        found, cursor = self._all(self.start)
        self.assertEqual(found, self.rows.ids)
        self.assertEqual(self._all(cursor)[0], [])

    def test_rows_of_an_open_transaction_wait(self):
        self._commit(self.rows[1:3])
        found, cursor = self._all(self.start)
        self.assertEqual(found, self.rows[1:3].ids)
        # the others are of this very transaction, which has not ended
        self._commit(self.rows - self.rows[1:3])
        self.assertIn(self.rows[4].id, self._all(cursor)[0])

    def test_row_says_all_that_there_is(self):
        ticket = self.tickets[0]
        ticket.team_id = self.team
        ticket.service_record("noted", reason="Called", external_ref="call-1")
        row = ticket.service_event_ids.filtered("external_ref")
        self._commit(row)
        [found] = self.Ticket.service_changes(self.start)["rows"]
        self.assertEqual(found["at"], str(row.at))
        expected = {
            "id": row.id,
            "ticket_id": ticket.id,
            "company_id": ticket.company_id.id,
            "kind": "noted",
            "value": {},
            "user_id": self.env.uid,
            "team_id": ticket.team_id.id,
            "voids_id": False,
            "reason": "Called",
            "external_ref": "call-1",
        }
        self.assertEqual(found, found | expected)

    def test_passes_xml_rpc(self):
        self._commit(self.rows)
        answer = self.Ticket.service_changes(self.start)
        self.assertEqual(len(answer["rows"]), 5)
        xmlrpc.client.dumps((answer,), methodresponse=True)

    def test_only_what_may_be_read_comes(self):
        agent = self._user("changes_agent", "staff")
        self.tickets[0].user_id = agent
        self.tickets[1].user_id = self.env.user
        self._commit(self.tickets.service_event_ids)
        found, _cursor = self._all(self.start, user=agent)
        self.assertEqual(found, self.tickets[0].service_event_ids.sorted("id").ids)
        nobody = self._user("changes_nobody")
        with self.assertRaises(AccessError):
            self.Ticket.with_user(nobody).service_changes()

    def test_rows_of_another_company_do_not_come(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.Ticket.create(
            {"name": "T", "description": "…", "company_id": other.id}
        )
        rows = theirs.sudo().service_event_ids
        self._commit(self.rows | rows)
        manager = self._user("changes_manager", "service_manager")
        self.assertEqual(self._all(self.start, user=manager)[0], self.rows.ids)
        manager.company_ids += other
        Ticket = self.Ticket.with_user(manager).with_context(
            allowed_company_ids=[other.id]
        )
        answer = Ticket.service_changes(self.start)
        self.assertEqual([row["id"] for row in answer["rows"]], rows.ids)

    def test_cursor_of_another_database_says_start_again(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        with self.assertRaisesRegex(UserError, "start again"):
            self.Ticket.service_changes(self.start)
        self.assertIn("cursor", self.Ticket.service_changes(""))

    def test_cursor_from_the_future_says_start_again(self):
        """A backup taken before the cursor was handed out has been put in place."""
        self._commit(self.rows)
        with self.assertRaisesRegex(UserError, "start again"):
            self.Ticket.service_changes(self._moved(self.start, xid=str(FAR)))

    def _moved(self, cursor, **parts):
        return _encode(_decode(cursor) | parts)

    def test_rows_from_a_dump_of_a_busier_cluster_are_not_held_back(self):
        """Their transactions are numbers that this cluster reaches in years."""
        dumped, native = self.rows[:3], self.rows[3:]
        self._commit(dumped, FAR)
        self._commit(native)
        found, cursor = self._all("", 2)
        ours = [row_id for row_id in found if row_id in self.rows.ids]
        self.assertEqual(ours, self.rows.ids)
        self.assertEqual(len(found), len(set(found)))
        later = self._ticket().service_event_ids
        self._commit(later)
        self.assertEqual(self._all(cursor)[0], later.ids)

    def test_nonsense_is_named(self):
        for cursor in ("abc", "WzEsIHt9XQ==", 5):
            with self.assertRaisesRegex(ValidationError, "not a cursor"):
                self.Ticket.service_changes(cursor)
        for limit in (0, 1001, "many"):
            with self.assertRaisesRegex(ValidationError, "from 1 to 1000"):
                self.Ticket.service_changes("", limit)


@tagged("post_install", "-at_install")
class TestClockChanges(ServiceQualityCase):
    """What programs follow of promises; open transactions are tested over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement({"metric": "resolution", "duration": 4})
        program = cls._user("program", "desk")
        cls.Ticket = cls.env["helpdesk.ticket"].with_user(program)

    def follow(self, cursor, moment, limit=1000):
        """Return all that is new, as seen at a moment once this transaction is over."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE service_quality_clock
               SET xid = (pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                          - 1)::text::xid8
             WHERE xid = pg_current_xact_id();
            UPDATE service_quality_clock_gone
               SET xid = (pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                          - 1)::text::xid8
             WHERE xid = pg_current_xact_id();
            """
        )
        self.env.invalidate_all()  # as in a transaction of its own
        rows, more = [], True
        with freeze_time(moment):
            while more:
                answer = self.Ticket.service_clocks(cursor, limit)
                cursor, more = answer["cursor"], answer["more"]
                self.assertLessEqual(len(answer["rows"]), limit)
                rows += answer["rows"]
        return rows, cursor

    def back(self, cursor):
        """Return a cursor that stands before what this transaction writes."""
        version, position = json.loads(base64.urlsafe_b64decode(cursor))
        for name in ("xid", "gone_xid"):
            position[name] = str(int(position[name]) - 2)
        text = json.dumps([version, position])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def test_course_of_a_promise(self):
        """Opened, late although nobody wrote anything, judged: each is a row."""
        _rows, cursor = self.follow("", "2026-03-02 07:00")
        ticket = self._ticket("2026-03-02 08:00")
        own = lambda rows: [row for row in rows if row["ticket_id"] == ticket.id]  # noqa: E731
        rows, cursor = self.follow(self.back(cursor), "2026-03-02 08:01")
        [row] = own(rows)
        self.assertEqual((row["status"], row["verdict"]), ("running", False))
        self.assertEqual(row["deadline"], "2026-03-02 13:00:00")
        xmlrpc.client.dumps((rows,))  # no None
        rows, cursor = self.follow(cursor, "2026-03-02 13:30")
        [row] = own(rows)
        self.assertEqual((row["status"], row["verdict"]), ("late", False))
        rows, cursor = self.follow(cursor, "2026-03-02 13:40")
        self.assertFalse(own(rows))
        self._move(ticket, "resolved", "2026-03-02 14:00")
        rows, cursor = self.follow(self.back(cursor), "2026-03-02 14:01")
        row = own(rows)[-1]
        self.assertEqual((row["status"], row["verdict"]), ("missed", "missed"))
        self.assertEqual(row["judged_at"], "2026-03-02 13:00:00")

    def test_promise_that_is_gone(self):
        """Deleted with a voided row, or of another company now: both are told."""
        company = self.env["res.company"].create({"name": "Other"})
        _rows, cursor = self.follow("", "2026-03-02 07:00")
        clocks = self._ticket("2026-03-02 08:00").service_clock_ids
        clocks |= self._ticket("2026-03-02 08:00").service_clock_ids
        self.env.flush_all()
        self.env.cr.execute(
            """
            DELETE FROM service_quality_clock WHERE id = %s;
            UPDATE service_quality_clock SET company_id = %s WHERE id = %s
            """,
            [clocks[0].id, company.id, clocks[1].id],
        )
        self.env.invalidate_all()
        rows, _cursor = self.follow(self.back(cursor), "2026-03-02 09:01")
        gone = {row["id"] for row in rows if row["gone"]}
        self.assertEqual(gone, set(clocks.ids))
        self.assertNotIn(clocks[1].id, {row["id"] for row in rows if not row["gone"]})

    def test_all_that_there_are_page_by_page(self):
        for _number in range(5):
            self._ticket("2026-03-02 08:00")
        rows, _cursor = self.follow("", "2026-03-02 08:01", limit=2)
        told = {row["id"] for row in rows if not row["gone"]}
        clocks = self.Ticket.env["service.quality.clock"].search([])
        self.assertEqual(told, set(clocks.ids))

    def test_sweep_is_no_change(self):
        """When a clock is looked at next is nothing that anybody follows."""
        clock = self.clock(self._ticket("2026-03-02 08:00"), "resolution")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_quality_clock SET xid = '1' WHERE id = %s", [clock.id]
        )
        self.env.cr.execute(
            "UPDATE service_quality_clock SET alert_version = 7 WHERE id = %s",
            [clock.id],
        )
        self.env.cr.execute(
            "SELECT xid::text FROM service_quality_clock WHERE id = %s", [clock.id]
        )
        self.assertEqual(self.env.cr.fetchone(), ("1",))

    def test_cursors_are_not_mixed_up(self):
        ledger = self.Ticket.service_changes("", 1)["cursor"]
        clocks = self.Ticket.service_clocks("", 1)["cursor"]
        with self.assertRaisesRegex(ValidationError, "not a cursor"):
            self.Ticket.service_clocks(ledger)
        with self.assertRaisesRegex(ValidationError, "not a cursor"):
            self.Ticket.service_changes(clocks)

    def test_who_follows(self):
        with self.assertRaises(AccessError):
            self.Ticket.with_user(self.env.ref("base.public_user")).service_clocks()
