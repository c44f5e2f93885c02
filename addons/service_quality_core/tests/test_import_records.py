import xmlrpc.client

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged, users

from .import_common import NOW, ImportCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestImportRecords(ImportCase):
    """What an import takes, what it refuses, and whom it lets in."""

    # ------------------------------------------------------------------
    # Adjusted and refused
    # ------------------------------------------------------------------

    def test_rows_are_moved_to_the_opening_and_sorted(self):
        events = [
            {"at": "2026-03-02 11:00:00", "kind": "phase", "phase": "resolved"},
            {"at": "2026-03-02 08:00:00", "kind": "phase", "phase": "active"},
        ]
        [result] = self._import(self._record(events=events))
        self.assertEqual(
            [(note["what"], note["row"]) for note in result["adjusted"]],
            [("moved_to_opening", 2), ("sorted", 2)],
        )
        rows = self._rows(self.Ticket.browse(result["ticket_id"]))
        self.assertEqual(
            [(str(row.at)[11:], row.value["phase"]) for row in rows],
            [("09:00:00", "new"), ("09:00:00", "active"), ("11:00:00", "resolved")],
        )
        self.assertEqual(
            self._import(self._record(events=events))[0]["outcome"], "unchanged"
        )

    def test_bad_records_are_refused_with_the_row(self):
        future = {"at": "2026-03-20 12:00:01", "kind": "responded"}
        self.assertRefused(self._record(events=[future]), "in_future", 1)
        self.assertRefused(
            self._record(opened_at="2026-04-01 00:00:00"), "opened_in_future"
        )
        self.assertRefused(self._record(opened_at="1 March"), "bad_time")
        self.assertRefused(self._record(name=""), "missing")
        self.assertRefused(self._record(name="a\0b"), "bad_text")
        self.assertRefused(self._record(prio="1"), "unknown_key")
        self.assertRefused(self._record(priority="4"), "bad_choice")
        self.assertRefused(self._record(team="Nobody's"), "unknown")
        self.assertRefused(self._record(team=0x7FFFFFFF), "unknown_id")
        self.assertRefused(
            self._record(events=[{"at": NOW, "kind": "told"}]), "unknown_kind", 1
        )
        self.assertRefused("no record", "no_record")

    def test_bad_record_harms_no_neighbour(self):
        good, bad = self._record("A-1"), self._record("A-2", opened_at="")
        results = self._import(good, bad, self._record("A-3"), self._record("A-1"))
        self.assertEqual(
            [result["outcome"] for result in results],
            ["created", "refused", "created", "refused"],
        )
        self.assertEqual(results[3]["reason"]["what"], "record_twice")

    def test_spoiled_records_are_refused_by_name(self):
        """SLA case 31: one bad record of 500 is refused by name, the others are in."""
        row = {"at": "2026-03-02 10:00:00", "kind": "noted"}
        spoiled = {
            "A\0": ("external_ref", {}),
            "A\ud800": ("external_ref", {}),
            "A" * 1_000_001: ("external_ref", {}),
            "B-1": ("team", {"team": "First\0line"}),
            "B-2": ("user", {"user": "\ud800"}),
            "B-3": ("partner", {"partner": "x" * 5_000}),
            "B-4": ("process", {"process": ["Incident"]}),
            "B-5": ("name", {"name": "a" * 1_001}),
            "B-6": ("description", {"description": "\udfff"}),
            "B-7": ("0001-01-01", {"opened_at": "0001-01-01 00:00:00+14:00"}),
            "B-8": ("9999-12-31", {"opened_at": "9999-12-31 23:59:59-14:00"}),
            "B-9": ("kind", {"events": [{**row, "kind": ["noted"]}]}),
            "B-10": ("seq", {"events": [{**row, "seq": 2**40}]}),
            "B-11": ("external_ref", {"events": [{**row, "external_ref": "x" * 256}]}),
            "B-12": ("reason", {"events": [{**row, "reason": "\0"}]}),
            "B-13": ("team", {"team": 10**30}),
            "B-14": ("priority", {"priority": "\ud800"}),
            "B-15": ("\\ud800", {"\ud800": 1}),
            "B-16": ("company", {"company": "\0"}),
        }
        bad = [self._record(ref, **values) for ref, (_name, values) in spoiled.items()]
        good = [self._record(f"A-{number}") for number in range(500 - len(bad))]
        results = self._import(*good[:7], *bad, *good[7:])
        xmlrpc.client.dumps((results,), methodresponse=True).encode()
        refused = results[7 : 7 + len(bad)]
        for (name, _values), result in zip(spoiled.values(), refused, strict=True):
            with self.subTest(name):
                self.assertEqual(result["outcome"], "refused")
                self.assertIn(name, result["reason"]["text"])
        created = results[:7] + results[7 + len(bad) :]
        self.assertEqual({result["outcome"] for result in created}, {"created"})

    def test_identifiers_are_trimmed(self):
        """SLA case 31: blanks around an identifier make no other ticket or row."""
        row = {"at": "2026-03-02 10:00:00", "kind": "noted", "external_ref": "1"}
        ticket = self._one(self._record(" A-1\n", name="a\x07b", events=[row]))
        self.assertEqual(ticket.service_external_ref, "A-1")
        self.assertEqual(ticket.name, "ab")
        again = self._record("A-1", events=[{**row, "external_ref": "1 "}])
        self.assertEqual(self._one(again, "unchanged"), ticket)

    def test_what_is_no_list_of_records_is_refused(self):
        for records, missing in ((None, []), ([], None)):
            self.assertEqual(
                self.Ticket.service_import(records, create_missing=missing), []
            )
        for records, options in (
            (5, {}),
            ({"a": 1}, {}),
            ([], {"create_missing": [["team"]]}),
            ([], {"create_missing": 5}),
            ([], {"create_missing": ["\ud800"]}),
        ):
            with self.subTest(records=records, options=options):
                with self.assertRaises(ValidationError) as caught:
                    self.Ticket.service_import(records, **options)
                str(caught.exception).encode()

    def test_what_only_the_database_refuses_harms_no_neighbour(self):
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE helpdesk_ticket ADD CONSTRAINT no_nonsense"
            " CHECK (name <> 'Nonsense') NOT VALID"
        )
        records = [self._record(f"A-{number}") for number in range(6)]
        records[4]["name"] = "Nonsense"
        with self.assertLogs("odoo.sql_db", "ERROR"):
            results = self._import(*records)
        outcomes = [result["outcome"] for result in results]
        self.assertEqual(outcomes, ["created"] * 4 + ["refused", "created"])
        self.assertEqual(results[4]["reason"]["what"], "database")
        self.assertFalse(results[4]["ticket_id"])
        found = self.Ticket.search([("service_external_ref", "like", "A-")])
        self.assertEqual(len(found), 5)
        self.assertEqual(len(found.service_clock_ids.filtered("counted")), 10)

    def test_team_without_a_stage_for_the_phase_is_named(self):
        self.stages["closed"].active = False
        self.assertRefused(self._record(events=self._history()), "no_stage")

    def test_too_many_records_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "501 records"):
            self._import(*[self._record(f"A-{number}") for number in range(501)])

    # ------------------------------------------------------------------
    # Names
    # ------------------------------------------------------------------

    def test_unknown_user_is_left_out_and_said(self):
        [result] = self._import(self._record(user="nobody@example.com"))
        self.assertEqual([note["what"] for note in result["adjusted"]], ["unknown"])
        self.assertIn("nobody@example.com", result["adjusted"][0]["text"])
        self.assertFalse(self.Ticket.browse(result["ticket_id"]).user_id)
        self.assertFalse(
            self.env["res.users"].search([("name", "=", "nobody@example.com")])
        )

    def test_unknown_names_are_created_only_when_asked_for(self):
        record = self._record(team="Night shift", category="Telephony")
        self.assertRefused(record, "unknown")
        ticket = self._one(record, create_missing=["team", "category"])
        self.assertEqual(ticket.team_id.name, "Night shift")
        self.assertEqual(ticket.category_id.name, "Telephony")
        opened = self._rows(ticket)[0]
        self.assertEqual(opened.value["category_path"], ticket.category_id.ids)
        again = self._one(dict(record, external_ref="A-2"), create_missing=["team"])
        self.assertEqual(again.team_id, ticket.team_id)
        with self.assertRaises(ValidationError):
            self._import(record, create_missing=["user"])

    def test_ambiguous_contact_is_refused(self):
        self.acme.copy({"name": "Globex"})
        self.assertRefused(self._record(partner="Globex"), "ambiguous")
        self.globex.ref = "C-7"
        ticket = self._one(self._record(partner="C-7"))
        self.assertEqual(ticket.partner_id, self.globex)

    def test_archived_holder_is_still_who_held_it(self):
        self.agent.active = False
        ticket = self._one(self._record(events=self._history()))
        self.assertEqual(ticket.with_context(active_test=False).user_id, self.agent)

    # ------------------------------------------------------------------
    # Quiet, dry, safe
    # ------------------------------------------------------------------

    def test_history_sends_nothing(self):
        self.stages["closed"].mail_template_id = self.env["mail.template"].create(
            {
                "name": "Closed",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "subject": "Closed",
                "email_to": "ann@acme.example",
            }
        )
        mails = self.env["mail.mail"].search_count([])
        ticket = self._one(self._record(events=self._history()))
        self.env.cr.precommit.run()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertFalse(ticket.message_ids)
        self.assertFalse(ticket.message_follower_ids)
        self.assertFalse(ticket.activity_ids)

    def test_dry_run_leaves_nothing_behind(self):
        sequence = self.env["ir.sequence"].search(
            [("code", "=", "helpdesk.ticket.sequence")], limit=1
        )
        models = ("helpdesk.ticket", "helpdesk.ticket.team", "service.quality.event")

        def state():
            sequence.invalidate_recordset()
            counts = [self.env[model].search_count([]) for model in models]
            return [*counts, sequence.number_next_actual]

        before = state()
        results = self._import(
            self._record(team="Night shift", events=self._history()),
            self._record("A-2", name=""),
            dry_run=True,
            create_missing=["team"],
        )
        self.assertEqual([r["outcome"] for r in results], ["created", "refused"])
        self.assertFalse(results[0]["ticket_id"])
        self.assertEqual(state(), before)

    def test_passes_xml_rpc(self):
        records = [
            self._record(events=self._history(), user="nobody", description=False),
            self._record("A-2", name=""),
        ]
        sent = xmlrpc.client.dumps((records,))
        [received], _method = xmlrpc.client.loads(sent)
        for _attempt in range(2):
            answer = self.Ticket.service_import(received)
            xmlrpc.client.dumps((answer,), methodresponse=True)
        self.assertEqual([a["outcome"] for a in answer], ["unchanged", "refused"])

    def test_queries_do_not_grow_with_the_records(self):
        def queries(prefix, count):
            records = [
                self._record(f"{prefix}-{number}", events=self._history())
                for number in range(count)
            ]
            before = self.env.cr.sql_log_count
            self._import(*records)
            self.env.flush_all()
            created = self.env.cr.sql_log_count - before
            self._import(*records)
            return created, self.env.cr.sql_log_count - before - created

        queries("V", 2)  # the first one stores the timetable, the second one reads it
        queries("W", 2)
        few, many = queries("A", 3), queries("B", 30)
        self.assertEqual(many, few)

    def test_history_is_no_value_from_outside(self):
        row = {"kind": "opened", "at": "2026-03-02 09:00:00", "value": {}}
        with self.assertRaises(UserError):
            self._ticket(service_event_ids=[Command.create(row)])

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    def test_who_does_not_answer_for_the_desk_does_not_import(self):
        for role in ("staff", "desk", "quality", "executive", "project_manager"):
            user = self._user(f"import_{role}", role)
            with self.assertRaises(AccessError):
                self.Ticket.with_user(user).service_import([self._record()])
        self.assertFalse(self.Ticket.search([("service_external_ref", "=", "A-1")]))

    @users("import_manager")
    def test_service_manager_imports(self):
        Ticket = self.env["helpdesk.ticket"]
        record = self._record(events=self._history())
        [result] = Ticket.service_import([record])
        self.assertEqual(result["outcome"], "created")
        record["events"].append({"at": "2026-03-06 09:00:00", "kind": "noted"})
        [result] = Ticket.service_import([record])
        self.assertEqual(result["outcome"], "updated")
        # making teams is for who may make them
        record = self._record("A-2", team="Night shift")
        with self.assertRaises(AccessError):
            Ticket.service_import([record], create_missing=["team"])

    def test_external_reference_is_of_one_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        mine = self._one(self._record())
        self.assertRefused(self._record("A-9", company="Elsewhere"), "unknown")
        self.env.user.company_ids += other
        Ticket = self.Ticket.with_context(
            allowed_company_ids=[self.env.company.id, other.id]
        )
        self.assertRefused(
            self._record("A-9", team=self.team.id, company=other.id), "unknown_id"
        )
        record = self._record(team=False, partner=False, company="Elsewhere")
        [result] = Ticket.service_import([record])
        theirs = Ticket.browse(result["ticket_id"])
        self.assertEqual(result["outcome"], "created")
        self.assertNotEqual(theirs, mine)
        self.assertEqual(theirs.company_id, other)
        self.assertEqual(theirs.service_event_ids.company_id, other)
