from datetime import datetime
from unittest.mock import MagicMock, patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase

NOON = "2026-03-02 12:00:00"
WATCHING = (
    "staff",
    "project_manager",
    "desk",
    "service_manager",
    "quality",
    "technical_centre",
)
DESK = "odoo.addons.service_quality_desk.models.service_quality_desk"


class DeskCase(ServiceQualityCase):
    """A company of its own, where resolution is promised within an hour, day and night.

    What the database has besides, as demo tickets, is another company's.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Desk"})
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.team, cls.other_team = cls.env["helpdesk.ticket.team"].create(
            [
                {"name": name, "company_id": cls.company.id}
                for name in ("First line", "Network")
            ]
        )
        cls.agreement = cls._agreement(
            {"metric": "resolution", "duration": 1, "unit": "hour", "always": True},
            company_id=cls.company.id,
            calendar_id=False,
        )
        cls.watcher = cls._member("desk_watcher", "desk")

    @classmethod
    def _member(cls, login, *roles, **values):
        return cls._user(
            login,
            *roles,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )

    def overview(self, user=None, scope=None, moment=NOON):
        """Ask as the page does, over RPC."""
        env = self.env(user=user or self.watcher)
        env.invalidate_all()
        with freeze_time(moment):
            return call_kw(
                env["service.quality.desk"], "overview", [], {"scope": scope}
            )

    def block(self, key, *args, **kwargs):
        blocks = self.overview(*args, **kwargs)["blocks"]
        return next(block for block in blocks if block["key"] == key)

    def shown(self, key, *args, **kwargs):
        """Return the titles in a block."""
        return [line["title"] for line in self.block(key, *args, **kwargs)["lines"]]

    def counted_to_three(self):
        """Return count and whether there is more of each block, counting to three."""
        with patch(f"{DESK}.COUNTED", 3), patch(f"{DESK}.READ", 9):
            blocks = self.overview()["blocks"]
        return {block["key"]: (block["count"], block["more"]) for block in blocks}

    def assertListed(self, key, count):
        """Assert how many a block counts, and that its list has as many."""
        block = self.block(key)
        self.assertEqual((block["count"], block["more"]), (count, False), key)
        self.assertEqual(len(self.listed(block)), count, key)

    def listed(self, block, user=None, moment=NOON):
        """Return the records of the list that a block opens."""
        records = self.env(user=user or self.watcher)[block["model"]]
        with freeze_time(moment):
            return records.with_context(active_test=False).search(block["domain"])


@tagged("post_install", "-at_install")
class TestDesk(DeskCase):
    def test_what_is_late_and_what_soon_will_be(self):
        """Regulation A3.5.1: the desk sees what is late and what falls due next."""
        self._ticket("2026-03-02 09:00:00", name="Late since ten")
        self._ticket("2026-03-02 08:00:00", name="Late since nine")
        self._ticket("2026-03-02 11:00:00", name="Due now")
        self._ticket("2026-03-02 11:30:00", name="Due at half past")
        done = self._ticket("2026-03-02 08:30:00", name="Late, but done")
        self._move(done, "resolved", "2026-03-02 11:00:00")
        self.assertEqual(self.shown("late"), ["Late since nine", "Late since ten"])
        self.assertEqual(self.shown("soon"), ["Due now", "Due at half past"])
        line = self.block("soon")["lines"][1]
        self.assertEqual(line["what"], "Resolution")
        self.assertEqual(line["customer"], "Acme, Ann")
        self.assertEqual(line["burning"], "running")
        self.assertEqual(line["deadline"], "2026-03-02 12:30:00")

    def test_late_before_a_pause_is_late_still(self):
        """Regulation A3.5.1: who waits for the customer has not made up for it."""
        ticket = self._ticket("2026-03-02 09:00:00")
        self._move(ticket, "waiting_customer", "2026-03-02 11:00:00")
        self.assertEqual(self.block("late")["count"], 1)
        in_time = self._ticket("2026-03-02 11:30:00")
        self._move(in_time, "waiting_customer", "2026-03-02 11:40:00")
        self.assertEqual(self.block("soon")["count"], 0)

    def test_the_list_has_what_the_block_counts(self):
        """Regulation A3.5.1: a count opens a list of as many."""
        for hour in (8, 9, 10):
            self._ticket(f"2026-03-02 {hour:02}:00:00")
        archived = self._ticket("2026-03-02 10:30:00")
        with freeze_time("2026-03-02 10:40:00"):
            archived.active = False  # archiving hides nothing
        self._ticket("2026-03-02 11:15:00")
        done = self._ticket("2026-03-02 11:15:00")
        self._move(done, "resolved", "2026-03-02 11:30:00")
        self.assertListed("late", 4)
        self.assertListed("soon", 1)

    def test_a_ticket_counts_once(self):
        """A ticket that is late twice is one ticket; what was due first is told."""
        with freeze_time("2026-01-01"):
            self._house_rule(
                metric="update", duration=30, unit="minute", company_id=self.company.id
            )
        self._ticket("2026-03-02 09:00:00")
        block = self.block("late")
        self.assertEqual(block["count"], 1)
        self.assertEqual([line["what"] for line in block["lines"]], ["Customer update"])

    def test_five_lines(self):
        """Under each count stand the five most urgent, however many there are."""
        for minute in range(7):
            self._ticket(f"2026-03-02 09:{minute:02}:00", name=f"Minute {minute}")
        block = self.block("late")
        self.assertEqual(block["count"], 7)
        self.assertEqual(
            [line["title"] for line in block["lines"]],
            [f"Minute {minute}" for minute in range(5)],
        )

    def test_counting_stops(self):
        """A million late tickets are not counted to the last one."""
        for minute in range(4):
            self._ticket(f"2026-03-02 09:0{minute}:00")
        found = self.counted_to_three()
        self.assertEqual(found["late"], (3, True))
        self.assertEqual(found["soon"], (0, False))

    def test_when_to_ask_again(self):
        """Screens: the page asks again when the next thing that it knows falls due."""
        self.assertFalse(self.overview()["next_at"])
        self._ticket("2026-03-02 09:00:00")
        self.assertFalse(self.overview()["next_at"])
        # within the hour in five minutes
        self._ticket("2026-03-02 12:05:00")
        self.assertEqual(self.overview()["next_at"], "2026-03-02 12:05:00")
        self._ticket("2026-03-02 11:03:00")
        overview = self.overview()
        self.assertEqual(overview["next_at"], "2026-03-02 12:03:00")
        self.assertEqual(overview["now"], NOON)

    def test_scopes(self):
        """Screens: mine, my team's, everybody's; what is not offered is not given."""
        self.team.user_ids = self.watcher
        other = self._member("desk_other", "staff", helpdesk_team_ids=self.team.ids)
        at = "2026-03-02 09:00:00"
        self._ticket(at, name="Mine", user_id=self.watcher.id)
        self._ticket(at, name="My team's", user_id=other.id)
        self._ticket(at, name="Another's", team_id=self.other_team.id)
        self.assertEqual(self.shown("late", scope="mine"), ["Mine"])
        self.assertEqual(self.shown("late", scope="team"), ["Mine", "My team's"])
        for scope in ("all", None, "nonsense"):
            self.assertEqual(
                self.shown("late", scope=scope), ["Mine", "My team's", "Another's"]
            )
        for scope in ("mine", "team", "all"):
            block = self.block("late", scope=scope)
            self.assertEqual(len(self.listed(block)), block["count"])
        self.assertEqual(self.overview(other, "all")["scope"], "team")
        self.assertEqual(self.shown("late", other, "all"), ["My team's"])
        self.other_team.user_id = self.watcher  # who leads a team belongs to it
        self.assertEqual(self.block("late", scope="team")["count"], 3)

    def test_the_scope_is_remembered(self):
        """Screens: each user finds the desk as they have left it."""
        settings = self.env["res.users.settings"]._find_or_create_for_user(self.watcher)
        settings.with_user(self.watcher).set_res_users_settings(
            {"service_desk_scope": "team"}
        )
        self.assertEqual(
            settings._res_users_settings_format()["service_desk_scope"], "team"
        )

    def test_queries(self):
        """SLA case 20: fifty tickets in each block cost as many statements as five."""
        counts = []
        for number in (5, 45):
            for _index in range(number):
                self._ticket("2026-03-02 09:00:00")
                self._ticket("2026-03-02 11:30:00")
            self.overview()
            before = self.env.cr.sql_log_count
            self.overview()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertLessEqual(counts[1], 46)


@tagged("post_install", "-at_install", "security")
class TestDeskAccess(DeskCase):
    def test_who_watches(self):
        """Regulation A3.5.1: the page is for those who handle tickets."""
        self._ticket("2026-03-02 09:00:00", user_id=False)
        for role in WATCHING:
            with self.subTest(role=role):
                user = self._member(f"desk_{role}", role)
                seen = 0 if role == "staff" else 1
                self.assertEqual(self.block("late", user)["count"], seen)
        refused = [
            self._member("desk_executive", "executive"),
            self._member("desk_sales", "sales"),
            self._member("desk_employee"),
            new_test_user(self.env, login="desk_portal", groups="base.group_portal"),
            self.env.ref("base.public_user"),
        ]
        for user in refused:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.overview(user)

    def test_another_company(self):
        """The desk of one company shows nothing of another's."""
        self._ticket("2026-03-02 09:00:00")
        there = self.env["res.company"].create({"name": "There"})
        stranger = self._user(
            "desk_stranger",
            "desk",
            company_id=there.id,
            company_ids=[Command.set(there.ids)],
        )
        self.env = self.env(context={"allowed_company_ids": there.ids})
        self.assertEqual(self.block("late", stranger)["count"], 0)
        stranger.company_ids += self.company
        self.env = self.env(context={"allowed_company_ids": stranger.company_ids.ids})
        self.assertEqual(self.block("late", stranger)["count"], 1)

    def test_what_the_reader_may_not_see(self):
        """Who may read a service target, but not its ticket, is shown neither."""
        ticket = self._ticket("2026-03-02 09:00:00", name="Hidden")
        self._ticket("2026-03-02 09:30:00", name="Shown")
        self.env["ir.rule"].create(
            {
                "name": "Hidden from everybody",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "domain_force": repr([("id", "!=", ticket.id)]),
            }
        )
        block = self.block("late")
        self.assertEqual([line["title"] for line in block["lines"]], ["Shown"])
        self.assertEqual(block["count"], 1)
        self.assertEqual(len(self.listed(block)), 1)

    def test_menu(self):
        """Screens: the desk comes next to the first page of those who watch it."""
        overview = self.env.ref("service_quality_core.service_quality_overview_menu")
        menu = self.env.ref("service_quality_desk.service_quality_desk_menu")
        app = self.env.ref("service_quality_core.service_quality_menu_root")
        for role in (*WATCHING, "executive", "sales"):
            user = self._member(f"menu_{role}", role)
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            first, second, *_rest = app.child_id.filtered(
                lambda item, visible=visible: item.id in visible
            )
            self.assertEqual(first, overview, role)
            self.assertEqual(second == menu, role in WATCHING, role)


@tagged("post_install", "-at_install")
class TestNudge(DeskCase):
    """The bus tells the desks to look again, and tells them nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Nudge = cls.env["service.quality.desk.nudge"]

    def sent(self):
        """Return channel and message of what the transaction sends by the bus."""
        return self.env.cr.precommit.data.pop("bus.bus.values", [])

    def test_at_most_one_in_two_seconds(self):
        """Screens: however much happens, a company is nudged once in two seconds."""
        self.sent()
        for _change in range(3):
            self.Nudge._nudge(self.company.id)
        [nudge] = self.sent()
        self.assertIn("service_quality_desk.desk", nudge["channel"])
        self.assertIn('"payload":{}', nudge["message"])
        self.env.cr.execute(
            "UPDATE service_quality_desk_nudge SET sent_at = sent_at - interval '2s'"
        )
        self.Nudge._nudge(self.company.id)
        self.assertEqual(len(self.sent()), 1)

    def test_companies_apart(self):
        """Nobody is nudged for what happens in another company."""
        self.sent()
        self.Nudge._nudge(self.company.id)
        self.Nudge._nudge(self.env.ref("base.main_company").id)
        self.assertEqual(len(self.sent()), 2)

    def test_what_nudges(self):
        """Screens: a nudge follows the commit of whatever changes the ledger."""
        waiting = self.env.cr.postcommit.data
        key = "service_quality_desk.desk.nudge"
        self.env.cr.postcommit.clear()
        ticket = self._ticket("2026-03-02 09:00:00")
        self.assertEqual(waiting.pop(key), {self.company.id})
        self._move(ticket, "resolved", "2026-03-02 10:00:00")
        self.assertEqual(waiting.pop(key), {self.company.id})
        self.env["service.quality.ledger"]._refold(ticket.ids)
        self.assertEqual(waiting.pop(key), {self.company.id})
        ticket.name = "Nothing that the desk counts"
        self.assertNotIn(key, waiting)
        self.env.cr.postcommit.clear()

    def test_costs_the_transaction_nothing(self):
        """SLA case 20: nothing is asked of the database before the commit."""
        self.env.cr.postcommit.clear()
        before = self.env.cr.sql_log_count
        for _change in range(10):
            self.Nudge._after_commit(self.company.ids)
        self.assertEqual(self.env.cr.sql_log_count, before)
        self.assertEqual(len(self.env.cr.postcommit._funcs), 1)
        self.env.cr.postcommit.clear()

    def test_after_the_commit(self):
        """A nudge is a transaction of its own, of three statements."""
        with self.enter_registry_test_mode():
            self.Nudge._after_commit(self.company.ids)
            before = self.env.cr.sql_log_count
            self.env.cr.postcommit.run()
            self.assertLessEqual(self.env.cr.sql_log_count - before, 4)
        channel = self.env["bus.bus"].search([], limit=1, order="id desc").channel
        self.assertIn(f'"res.company",{self.company.id}', channel)

    def test_who_hears(self):
        """No portal user, guest or colleague without a role hears a nudge."""
        name = "service_quality_desk.desk"
        watching = [self._member(f"hears_{role}", role) for role in WATCHING]
        deaf = [
            self._member("deaf_executive", "executive"),
            self._member("deaf_sales", "sales"),
            self._member("deaf_employee"),
            new_test_user(self.env, login="deaf_portal", groups="base.group_portal"),
            self.env.ref("base.public_user"),
        ]
        for user in (*watching, *deaf):
            with self.subTest(user=user.login):
                records, others = self.channels(user, name)
                self.assertEqual(records, [self.company] * (user in watching))
                # what a client can name is not what nudges are sent to
                self.assertNotIn(name, others)
                self.assertFalse(self.channels(user)[0])

    def channels(self, user, *asked):
        """Return what a client hears who asks for channels.

        :return: the records whose nudges it hears, and the other channels that have
            a name
        """
        request = MagicMock()
        request.session.uid = user.id
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", new=request):
            IrWebsocket = self.env(user=user)["ir.websocket"]
            found = list(IrWebsocket._build_bus_channel_list(list(asked)))
        pairs = [channel for channel in found if isinstance(channel, tuple)]
        return (
            [record for record, name in pairs if name == "service_quality_desk.desk"],
            [channel for channel in found if isinstance(channel, str)],
        )

    def test_nobody_writes_the_table(self):
        """Nobody keeps a nudge from being sent."""
        for role in (*WATCHING, "executive", "sales"):
            Nudge = self.Nudge.with_user(self._member(f"nudge_{role}", role))
            with self.subTest(role=role), self.assertRaises(AccessError):
                Nudge.create(
                    {"company_id": self.company.id, "sent_at": datetime(2030, 1, 1)}
                )
