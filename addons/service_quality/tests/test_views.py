import re
from ast import literal_eval

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase

ACTIONS = {
    "helpdesk_ticket_action": ("staff", "desk", "executive"),
    "service_quality_handover_action": ("staff", "desk", "executive"),
    "service_quality_clock_action": ("staff", "service_manager", "executive"),
    "service_quality_span_action": ("staff", "technical_centre", "executive"),
    "service_quality_event_action": ("staff", "quality", "executive"),
    "service_quality_agreement_action": ("staff", "sales", "project_manager"),
    "service_quality_project_action": ("staff", "sales", "project_manager"),
    "service_quality_target_action_house": ("staff", "sales", "service_manager"),
    "service_quality_check_action": ("quality",),
    "service_quality_cause_action": ("quality", "service_manager"),
    "service_quality_solution_action": ("quality", "service_manager"),
    "service_quality_visit_action": ("staff", "desk", "quality", "executive"),
    "service_quality_callback_action": ("staff", "desk", "executive"),
    "service_quality_callback_action_proposals": ("desk", "quality"),
    "service_quality_callback_attempt_action": ("staff", "desk", "executive"),
    "service_quality_callback_answer_action": ("staff", "desk", "executive"),
    "service_quality_callback_reason_action": ("service_manager", "quality"),
    "service_quality_callback_script_action": ("service_manager", "quality"),
    "service_quality_callback_exemption_action": (
        "service_manager",
        "quality",
        "executive",
    ),
}
"""The screens, and some roles that open them."""

MENUS = {
    "staff": (
        "helpdesk_ticket_menu",
        "service_quality_clock_menu",
        "service_quality_visit_menu_mine",
    ),
    "sales": ("service_quality_agreement_menu", "service_quality_project_menu"),
    "desk": ("service_quality_callback_menu_next",),
    "technical_centre": ("service_quality_callback_menu_next",),
    "quality": ("service_quality_check_menu", "service_quality_cause_menu"),
    "executive": ("helpdesk_ticket_menu", "service_quality_event_menu"),
}

HIDDEN = {
    "staff": (
        "service_quality_check_menu",
        "service_quality_cause_menu",
        "service_quality_callback_menu_next",
        "service_quality_callback_exemption_menu",
    ),
    "sales": ("helpdesk_ticket_menu", "service_quality_menu_analysis"),
    "desk": ("service_quality_callback_exemption_menu",),
    "technical_centre": ("service_quality_callback_exemption_menu",),
    "quality": ("helpdesk_ticket_stage_menu",),
    "executive": ("service_quality_check_menu", "service_quality_cause_menu"),
}


CARDS = (
    "deviation",
    "evidence_pack",
    "exclusion",
    "figure",
    "indicator",
    "indicator_target",
    "judgement",
    "measurement",
    "patrol",
    "patrol_plan",
    "policy",
    "policy_review",
    "regulation",
    "report",
    "report_instruction",
    "report_response",
    "service",
    "waiver",
)
"""What is read on a telephone."""


@tagged("post_install", "-at_install")
class TestViews(ServiceQualityCase):
    def test_every_role_opens_its_screens(self):
        """Screens: no view asks for a model or field that its reader may not read."""
        users = {}
        for name, roles in ACTIONS.items():
            action = self._ours(name)
            for role in roles:
                if role not in users:
                    users[role] = self._user(f"views_{role}", role)
                with self.subTest(action=name, role=role):
                    model = self.env[action.res_model].with_user(users[role])
                    views = model.get_views(action.views + [(False, "search")])["views"]
                    self.assertIn("list", views)
                    model.web_search_read([], {"display_name": {}}, limit=1)

    def test_menus_follow_what_a_role_may_read(self):
        """Screens: who cannot read a model does not see its menu."""
        for role, names in MENUS.items():
            user = self._user(f"menus_{role}", role)
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            for name in names:
                menu = self._ours(name)
                self.assertIn(menu.id, visible, f"{role} {name}")
            for name in HIDDEN.get(role, ()):
                menu = self._ours(name)
                self.assertNotIn(menu.id, visible, f"{role} {name}")

    def test_the_bar_holds_its_menus(self):
        """Screens: no menu is pushed out of the bar at 1440 pixels, in English too."""
        user = self._user("menus_all", *MENUS, "project_manager", "service_manager")
        visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
        root = self.env.ref("service_quality_core.service_quality_menu_root")
        shown = root.child_id.filtered(lambda menu: menu.id in visible)
        self.assertLessEqual(len(shown), 11)
        self.assertLessEqual(sum(len(menu.name) for menu in shown), 112)

    def test_cards_read_what_they_load(self):
        """A card that tests a field which is not in its view breaks the whole page."""
        views = self.env["ir.ui.view"].search(
            [("type", "=", "kanban"), ("model", "=like", "service.quality.%")]
        )
        self.assertGreater(len(views), 15)
        for view in views:
            arch = etree.fromstring(view.arch_db)
            loaded = {field.get("name") for field in arch.iter("field")}
            read = set(re.findall(r"\brecord\.(\w+)", view.arch_db))
            self.assertLessEqual(read, loaded, view.name)

    def test_what_is_new_has_no_name_yet(self):
        """The client says *New* then; it would show *False* as well."""
        for name in CARDS:
            action = self._ours(f"service_quality_{name}_action")
            if name == "figure":
                continue  # nobody makes one by hand
            with self.subTest(model=action.res_model):
                shown = self.env[action.res_model].new({}).display_name or ""
                self.assertNotIn("False", shown)
                self.assertNotIn("None", shown)

    def test_forms_that_are_not_edited_can_be_saved_once(self):
        """The client shows no button to save where ``edit`` is off."""
        views = self.env["ir.ui.view"].search(
            [("type", "=", "form"), ("model", "=like", "service.quality.%")]
        )
        for view in views:
            form = etree.fromstring(view.arch_db)
            if form.get("edit") == "0" and form.get("create") != "0":
                buttons = form.findall(".//button[@invisible='id']")
                self.assertTrue(buttons, view.name)

    def test_lists_have_cards_for_telephones(self):
        """Screens: all of them work at a width of 390 pixels."""
        for name in CARDS:
            with self.subTest(action=name):
                action = self._ours(f"service_quality_{name}_action")
                modes = action.view_mode.split(",")
                self.assertIn("kanban", modes)
                self.env[action.res_model].get_views([(False, "kanban")])

    def test_nobody_else_sees_the_app(self):
        user = self._user("menus_nobody")
        visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
        root = self.env.ref("service_quality_core.service_quality_menu_root")
        self.assertNotIn(root.id, visible)

    def test_what_has_millions_of_rows_opens_on_this_month(self):
        """Each table over all that ever was begins with a period."""
        for name in (
            "service_quality_clock_action",
            "service_quality_span_action",
            "service_quality_event_action",
            "service_quality_callback_report_action",
            "service_quality_complaint_report_action",
        ):
            action = self._ours(name)
            arch = self.env[action.res_model].get_view(view_type="search")["arch"]
            dates = {
                f"search_default_{node.get('name')}"
                for node in etree.fromstring(arch).iter("filter")
                if node.get("date")
            }
            with self.subTest(name):
                self.assertTrue(dates & literal_eval(action.context).keys())


@tagged("post_install", "-at_install")
class TestTicketForm(ServiceQualityCase):
    """Screens: the form of a ticket asks the database no more than it has to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._agreement({"metric": "resolution", "duration": 4, "unit": "hour"})
        cls.agent = cls._user("form_agent", "desk")
        cls.ticket = cls._ticket("2026-03-02 09:00:00")
        cls.env["service.quality.visit"].create({"ticket_id": cls.ticket.id})
        text = "Please call before you come"
        own = cls.ticket.with_user(cls.agent)
        own._service_suggest(text, cls.agent.partner_id)
        cls._ticket(
            "2026-03-02 09:10:00",
            service_is_complaint=True,
            service_about_ticket_id=cls.ticket.id,
        )
        cls._move(cls.ticket, "resolved", "2026-03-02 10:00:00")

    def _statements(self, tickets, names):
        """Return how many statements it takes to read some fields of tickets."""
        tickets.read(names)  # what is known once and for all
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        tickets.read(names)
        return self.env.cr.sql_log_count - before

    def test_all_buttons_are_counted_at_once(self):
        """Two statements count visits, calls, complaints and alarms of many tickets.

        One of them says that there is nothing to count.
        """
        ticket = self.ticket.with_user(self.agent)
        names = list(ticket._service_counted())
        self.assertGreaterEqual(len(names), 4)
        tickets = ticket | self._ticket().with_user(self.agent)
        only_one = self._statements(tickets, ["name", *names[:1]])
        self.assertEqual(self._statements(tickets, ["name", *names]), only_one)
        self.assertEqual(only_one, self._statements(tickets, ["name"]) + 2)
        none = self._ticket().with_user(self.agent)
        self.assertEqual(
            self._statements(none, ["name", *names]),
            self._statements(none, ["name"]) + 1,
        )

    def test_each_button_counts_its_own(self):
        ticket = self.ticket.with_user(self.agent)
        counts = {name: ticket[name] for name in ticket._service_counted()}
        alarms = counts.pop("service_alarm_count")
        self.assertEqual(alarms, len(ticket.service_alarm_ids))
        self.assertEqual(set(counts.values()), {1}, counts)
        self.assertEqual(self._ticket().service_visit_count, 0)
        visits = self.env["service.quality.visit"].with_user(self.agent)
        visits.create({"ticket_id": ticket.id})
        self.assertEqual(ticket.service_visit_count, 2)

    def test_what_may_not_be_read_at_all_is_not_counted(self):
        """Somebody who reads calls and no visits is shown how many calls there are."""
        access = self.env["ir.model.access"].search(
            [("model_id.model", "=", "service.quality.visit")]
        )
        access.perm_read = False
        ticket = self.ticket.with_user(self.agent)
        self.assertEqual(ticket.service_callback_count, 1)
        self.assertEqual(ticket.service_visit_count, 0)

    def test_only_staff_read_the_numbers(self):
        portal = new_test_user(self.env, "form_portal", groups="base.group_portal")
        self.ticket.message_subscribe(portal.partner_id.ids)
        for name in self.ticket._service_counted():
            with self.subTest(name), self.assertRaises(AccessError):
                self.ticket.with_user(portal).read([name])
