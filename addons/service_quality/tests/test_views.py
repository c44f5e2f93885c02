import re
from ast import literal_eval

from lxml import etree

from odoo.tests import tagged

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
