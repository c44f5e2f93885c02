from ast import literal_eval

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, MissingError
from odoo.tests import new_test_user, tagged

from ..models import helpdesk_ticket_api
from .common import ServiceQualityCase


@tagged("post_install", "-at_install")
class TestStrip(ServiceQualityCase):
    """Screens, service targets of a ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(
            {"metric": "resolution", "duration": 4, "unit": "hour"}
        )

    def _strip(self, ticket, moment):
        with freeze_time(moment):
            ticket.invalidate_recordset(["service_strip"])
            return ticket.service_strip["clocks"]

    def test_a_running_clock_uses_open_hours_only(self):
        ticket = self._ticket("2026-03-02 15:00:00")
        [clock] = self._strip(ticket, "2026-03-02 16:00:00")
        self.assertEqual(clock["used_seconds"], 3600)
        self.assertEqual(clock["deadline"], "2026-03-03 11:00:00")
        self.assertEqual(
            clock["open"],
            [
                ["2026-03-02 16:00:00", "2026-03-02 17:00:00"],
                ["2026-03-03 09:00:00", "2026-03-03 11:00:00"],
            ],
        )
        [clock] = self._strip(ticket, "2026-03-02 23:00:00")
        self.assertEqual(clock["used_seconds"], 2 * 3600)

    def test_a_late_clock_goes_on_counting_what_is_used(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        [clock] = self._strip(ticket, "2026-03-02 15:00:00")
        self.assertEqual(clock["burning"], "late")
        self.assertEqual(clock["used_seconds"], 6 * 3600)
        self.assertEqual(clock["open"], [])

    def test_a_pause_says_why(self):
        self.agreement = self._agreement(
            {
                "metric": "resolution",
                "duration": 4,
                "unit": "hour",
                "pause_on": "both",
            },
            partner_ids=[(6, 0, self.globex.ids)],
        )
        ticket = self._ticket("2026-03-02 09:00:00", partner_id=self.globex.id)
        self._move(ticket, "waiting_customer", "2026-03-02 10:00:00")
        [clock] = self._strip(ticket, "2026-03-02 12:00:00")
        self.assertEqual(clock["pause"], "Waiting for customer")
        self.assertEqual(clock["paused_at"], "2026-03-02 10:00:00")
        self.assertEqual(clock["used_seconds"], 3600)
        self._move(
            ticket,
            "waiting_third_party",
            "2026-03-02 12:00:00",
            service_party_id=self.supplier.id,
        )
        [clock] = self._strip(ticket, "2026-03-02 13:00:00")
        self.assertEqual(clock["pause"], "Waiting for third party: Carrier")

    def test_the_promise_is_named_with_its_zone(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        [clock] = self._strip(ticket, "2026-03-02 10:00:00")
        self.assertEqual(clock["name"], "Resolution")
        self.assertEqual(clock["promise"], "4 h · Office")
        self.assertEqual(clock["zone"], "UTC")
        self.assertEqual(clock["agreement"], self.agreement.display_name)

    def test_what_is_replaced_comes_last(self):
        self._agreement(
            {"metric": "resolution", "duration": 1, "unit": "hour", "priority": "3"}
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 09:10:00"):
            ticket.priority = "3"
        clocks = self._strip(ticket, "2026-03-02 09:20:00")
        self.assertEqual([c["state"] for c in clocks], ["running", "cancelled"])
        self.assertEqual([c["counted"] for c in clocks], [True, False])

    def test_queries_do_not_grow_with_the_tickets(self):
        tickets = self.env["helpdesk.ticket"]
        for _number in range(12):
            tickets |= self._ticket("2026-03-02 09:00:00")
        tickets.mapped("service_strip")  # what is known once and for all
        counts = []
        for size in (2, 12):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            tickets[:size].mapped("service_strip")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_promises_are_known(self):
        """The form asks for the clocks alone; what targets promise is in memory."""
        self._agreement(
            *({"metric": m, "duration": 4} for m in ("update", "resolution"))
        )
        ticket = self._ticket("2026-03-02 09:00:00").with_user(
            self._user("strip_staff", "desk")
        )
        self._strip(ticket, "2026-03-02 09:10:00")
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.assertGreater(len(self._strip(ticket, "2026-03-02 09:10:00")), 1)
        self.assertEqual(self.cr.sql_log_count - before, 1)

    def test_promises_follow_their_calendar(self):
        """What is kept in memory of a promise goes when its calendar is renamed."""
        ticket = self._ticket("2026-03-02 09:00:00")
        [before] = self._strip(ticket, "2026-03-02 09:10:00")
        self.office.name = "Daytime"
        [after] = self._strip(ticket, "2026-03-02 09:10:00")
        self.assertEqual(before["promise"], "4 h · Office")
        self.assertEqual(after["promise"], "4 h · Daytime")
        self.assertEqual(after["calendar"], "Daytime")

    def test_promises_of_drafts_follow_them(self):
        """What is said of a draft is what it says now, and in the reader's language."""
        draft = self._agreement({"metric": "resolution", "duration": 4}, sign=False)
        target = draft.target_ids
        self.assertEqual(target._words()["promise"], "4 h · Office")
        target.duration = 6
        draft.name = "Care"
        self.assertEqual(target._words()["promise"], "6 h · Office")
        self.assertIn("Care", target._words()["agreement"])
        self.env["res.lang"]._activate_lang("zh_CN")
        chinese = target.with_context(lang="zh_CN")
        self.assertNotEqual(chinese._words()["name"], target._words()["name"])

    def test_only_staff_read_the_strip(self):
        ticket = self._ticket("2026-03-02 09:00:00")
        portal = new_test_user(self.env, "strip_portal", groups="base.group_portal")
        ticket.message_subscribe(portal.partner_id.ids)
        with self.assertRaises(AccessError):
            ticket.with_user(portal).read(["service_strip"])


@tagged("post_install", "-at_install")
class TestLazyLines(ServiceQualityCase):
    """Screens, form of a ticket: ledger and spans are read when their pages open."""

    def _forms(self, user):
        """Return the forms of tickets as a user gets them."""
        tickets = self.env["helpdesk.ticket"].with_user(user)
        views = self.env["ir.ui.view"].search(
            [
                ("model", "=", tickets._name),
                ("type", "=", "form"),
                ("mode", "=", "primary"),
            ]
        )
        return [
            etree.fromstring(tickets.get_view(view.id, "form")["arch"])
            for view in views
        ]

    def test_the_form_reads_none_of_them(self):
        for form in self._forms(self._user("reader", "desk")):
            for lines in ("service_event_ids", "service_span_ids"):
                self.assertFalse(form.xpath(f"//field[@name='{lines}']"))

    def test_their_lists_are_there_for_staff(self):
        """Each page names views of its lines that exist, for those who see the page."""
        for login, roles in (("plain", ["staff"]), ("boss", ["service_manager"])):
            user = self._user(login, *roles)
            found = [
                literal_eval(node.get("options"))
                for form in self._forms(user)
                for node in form.xpath("//field[@widget='service_lazy_lines']")
            ]
            self.assertGreaterEqual(len(found), 2)
            for options in found:
                lines = self.env["helpdesk.ticket"]._fields[options["lines"]]
                self.assertEqual(lines.comodel_name, options["model"])
                for kind in ("list", "kanban"):
                    model = self.env[options["model"]].with_user(user)
                    model = model.with_context(**{f"{kind}_view_ref": options[kind]})
                    view = model.get_view(False, kind)
                    self.assertEqual(view["id"], self.env.ref(options[kind]).id)
                    voids = 'name="action_void"' in view["arch"]
                    is_ledger = options["lines"] == "service_event_ids"
                    may = login == "boss" and kind == "list" and is_ledger
                    self.assertEqual(voids, may)

    def test_their_number_grows_with_each_change(self):
        """The page knows by the revision that there is more to read."""
        ticket = self._ticket("2026-03-02 09:00:00")
        revisions = [ticket.service_revision]
        self._move(ticket, "active", "2026-03-02 09:10:00")
        revisions.append(ticket.service_revision)
        row = ticket.service_event_ids.filtered(lambda row: row.kind == "phase")
        row.with_user(self._user("voider", "service_manager"))._void("A mistake, sorry")
        revisions.append(ticket.service_revision)
        self.assertEqual(revisions, sorted(set(revisions)))


@tagged("post_install", "-at_install")
class TestTimeline(ServiceQualityCase):
    """Screens, timeline: every second of a clock is accounted for."""

    def _timeline(self, ticket, moment, **values):
        clock = self.clock(ticket, **values)
        with freeze_time(moment):
            return ticket.service_timeline(clock.id)

    def test_wall_time_adds_up(self):
        self._agreement({"metric": "resolution", "duration": 8, "unit": "hour"})
        ticket = self._ticket("2026-03-02 15:00:00")
        self._move(ticket, "waiting_customer", "2026-03-03 10:00:00")
        self._move(ticket, "active", "2026-03-03 12:00:00")
        self._move(ticket, "resolved", "2026-03-03 13:20:05")
        timeline = self._timeline(ticket, "2026-03-09 12:00:00")
        self.assertEqual(
            timeline["sums"],
            {
                "worked": 2 * 3600 + 3600 + 4805,
                "closed": 16 * 3600,
                "waiting_customer": 2 * 3600,
            },
        )
        clock = self.clock(ticket)
        self.assertEqual(timeline["sums"]["worked"], clock.elapsed_seconds)
        lived = clock.stopped_at - clock.started_at
        self.assertEqual(sum(timeline["sums"].values()), lived.total_seconds())
        ends = [end for _start, end, _label in timeline["pieces"][:-1]]
        starts = [start for start, _end, _label in timeline["pieces"][1:]]
        self.assertEqual(ends, starts)

    def test_a_running_clock_is_shown_up_to_now(self):
        self._agreement({"metric": "resolution", "duration": 8, "unit": "hour"})
        ticket = self._ticket("2026-03-02 15:00:00")
        timeline = self._timeline(ticket, "2026-03-02 18:00:00")
        self.assertEqual(timeline["end"], "2026-03-02 18:00:00")
        self.assertEqual(timeline["sums"], {"worked": 7200, "closed": 3600})

    def test_time_held_by_others_is_not_a_teams_own(self):
        self._agreement(
            {"metric": "resolution", "duration": 8, "unit": "hour"},
            kind="ola",
            partner_ids=False,
            team_ids=[(6, 0, self.team.ids)],
        )
        ticket = self._ticket("2026-03-02 09:00:00")
        with freeze_time("2026-03-02 10:00:00"):
            ticket.team_id = self.other_team
        timeline = self._timeline(ticket, "2026-03-02 12:00:00")
        self.assertEqual(timeline["sums"], {"worked": 3600, "other": 7200})

    def test_it_says_who_held_the_ticket_and_why_this_target(self):
        chosen = self._agreement({"metric": "resolution", "duration": 8}, number="C1")
        self._agreement(
            {"metric": "resolution", "duration": 2},
            partner_ids=[(6, 0, self.globex.ids)],
            number="C2",
        )
        agent = self._user("timeline_agent", "desk", name="Holder of the ticket")
        self.team.user_ids = agent
        ticket = self._ticket("2026-03-02 09:00:00", user_id=agent.id)
        timeline = self._timeline(ticket, "2026-03-02 12:00:00")
        [holder] = timeline["holders"]
        self.assertEqual(holder["holder"], "Holder of the ticket")
        self.assertEqual(holder["phase"], "New")
        reasons = {step["agreement"]: step["reason"] for step in timeline["steps"]}
        self.assertEqual(reasons[chosen.display_name], "applies")
        self.assertEqual(reasons["C2 Support"], "for another customer")

    def test_the_clock_of_another_ticket_is_not_shown(self):
        self._agreement({"metric": "resolution", "duration": 8, "unit": "hour"})
        ticket = self._ticket("2026-03-02 09:00:00")
        other = self._ticket("2026-03-02 09:00:00")
        with self.assertRaises(MissingError):
            ticket.service_timeline(self.clock(other).id)

    def test_customers_get_no_timeline_of_their_own_ticket(self):
        """Portal: no names of staff, no other customers' agreements."""
        self._agreement({"metric": "resolution", "duration": 8, "unit": "hour"})
        ticket = self._ticket("2026-03-02 09:00:00")
        portal = new_test_user(
            self.env, "timeline_portal", "base.group_portal", partner_id=self.contact.id
        )
        as_customer = ticket.with_user(portal)
        self.assertTrue(as_customer.has_access("read"))
        with self.assertRaises(AccessError):
            as_customer.service_timeline(self.clock(ticket).id)

    def test_who_may_not_read_the_ticket_gets_no_timeline(self):
        self._agreement({"metric": "resolution", "duration": 8, "unit": "hour"})
        ticket = self._ticket("2026-03-02 09:00:00", team_id=self.other_team.id)
        stranger = self._user("timeline_stranger", "staff")
        with self.assertRaises(AccessError):
            ticket.with_user(stranger).service_timeline(self.clock(ticket).id)


@tagged("post_install", "-at_install")
class TestCounts(ServiceQualityCase):
    def test_tickets_are_sorted_by_what_burns_first(self):
        """Screens, ticket list: the next deadline first, none of them last."""
        view = self.env.ref("service_quality_core.helpdesk_ticket_view_list_urgent")
        arch = self.env["helpdesk.ticket"].get_view(view.id, "list")["arch"]
        self.assertIn('default_order="service_deadline, id"', arch)
        self._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        stranger = self._ticket("2026-03-02 08:00:00", partner_id=self.globex.id)
        later = self._ticket("2026-03-02 11:00:00")
        sooner = self._ticket("2026-03-02 10:00:00")
        found = self.env["helpdesk.ticket"].search(
            [("id", "in", (stranger | later | sooner).ids)],
            order="service_deadline, id",
        )
        self.assertEqual(found, sooner + later + stranger)

    def test_open_tickets_are_counted_by_what_is_wrong(self):
        """Screens, ticket list: late, at risk, paused and no agreement, with counts."""
        self._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        late = self._ticket("2026-03-02 09:00:00")
        at_risk = self._ticket("2026-03-02 10:30:00")
        paused = self._ticket("2026-03-02 13:00:00")
        self._move(paused, "waiting_customer", "2026-03-02 13:10:00")
        stranger = self._ticket("2026-03-02 13:00:00", partner_id=self.globex.id)
        solved = self._ticket("2026-03-02 09:00:00")
        self._move(solved, "resolved", "2026-03-02 13:30:00")
        tickets = late | at_risk | paused | stranger | solved
        with freeze_time("2026-03-02 14:00:00"):
            counts = self.env["helpdesk.ticket"].service_count_burning(
                [("id", "in", tickets.ids)]
            )
        self.assertEqual(
            counts, {"late": 1, "at_risk": 1, "paused": 1, "no_agreement": 1}
        )

    def test_open_tickets_are_those_of_open_stages(self):
        """The search for open and closed tickets is that of their stages, both ways."""
        opened, solved, homeless = (
            self._ticket("2026-03-02 09:00:00") for _number in range(3)
        )
        self._move(solved, "resolved", "2026-03-02 13:30:00")
        homeless.stage_id = False
        tickets = opened | solved | homeless
        mine = [("id", "in", tickets.ids)]
        for domain, found in (
            ([("closed", "=", False)], opened | homeless),
            ([("closed", "=", True)], solved),
            ([("closed", "!=", True)], opened | homeless),
            ([("closed", "!=", False)], solved),
            ([("closed", "in", [True, False])], tickets),
            ([("closed", "not in", [True, False])], tickets.browse()),
        ):
            with self.subTest(domain):
                self.assertEqual(tickets.search(domain + mine), found)
                self.assertEqual(tickets.filtered_domain(domain), found)

    def test_counting_stops(self):
        """Screens, ticket list: a million late tickets are not counted to the last."""
        self._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        tickets = self.env["helpdesk.ticket"].union(
            *(self._ticket(f"2026-03-02 09:0{minute}:00") for minute in range(4))
        )
        self.patch(helpdesk_ticket_api, "COUNTED", 2)
        with freeze_time("2026-03-02 14:00:00"):
            counts = tickets.service_count_burning([("id", "in", tickets.ids)])
        self.assertEqual(counts["late"], 3)
