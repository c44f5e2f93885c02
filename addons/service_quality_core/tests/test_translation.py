import re

from lxml import etree

from odoo.tests import tagged

from .common import ServiceQualityCase

MODULES = ["mail", "helpdesk_mgmt", "helpdesk_type", "service_quality_core"]
HELPDESK = {"helpdesk_mgmt", "helpdesk_type"}
LATIN = re.compile(r"[A-Za-z]{3,}")
NAMES = re.compile("Odoo|SLA|OLA")

MODELS = [
    "helpdesk.ticket.deadline",
    "service.quality.agreement",
    "service.quality.clock",
    "service.quality.event",
    "service.quality.span",
    "service.quality.target",
]


@tagged("post_install", "-at_install")
class TestTranslation(ServiceQualityCase):
    """A Chinese desk reads Chinese, also where the helpdesk below has no translation.

    That our own terms are complete is checked against their export by script/po.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        modules = cls.env["ir.module.module"]
        modules._load_module_terms(MODULES, ["zh_CN"])
        cls.desk = cls.env["helpdesk.ticket"].with_context(lang="zh_CN")

    def _views(self):
        """Return the desk's views by kind, as the client gets them."""
        action = self.env.ref("service_quality_core.helpdesk_ticket_action")
        views = [(view.view_id.id, view.view_mode) for view in action.view_ids]
        found = self.desk.get_views([*views, (False, "search")])["views"]
        return {kind: etree.fromstring(view["arch"]) for kind, view in found.items()}

    def test_labels_of_the_helpdesk(self):
        """What the desk's list, board and form show of a ticket has a Chinese label."""
        views = self._views()
        shown = ".//field[not(ancestor::field)]/@name"  # not those of lists inside
        names = {
            name
            for kind in ("list", "kanban", "form")
            for name in views[kind].xpath(shown)
        }
        fields = [self.desk._fields[name] for name in names if name in self.desk]
        fields = [field for field in fields if HELPDESK & set(field._modules)]
        labels = {field.name: field._description_string(self.env) for field in fields}
        self.assertIn("Priority", labels.values(), "the reader's language decides")
        for field in fields:
            label = field._description_string(self.desk.env)
            self.assertNotRegex(label, LATIN, field.name)

    def test_filters_of_the_helpdesk(self):
        search = self._views()["search"]
        found = {node.get("name"): node.get("string") for node in search.iter("filter")}
        for name in ("unassigned", "open", "high_priority", "group_stage"):
            self.assertNotRegex(found[name], LATIN, name)

    def test_stages(self):
        """The board's columns are Chinese, those of the helpdesk and ours."""
        for stage in self.stages.values():
            self.assertRegex(stage.name, LATIN)
            self.assertNotRegex(stage.with_env(self.desk.env).name, LATIN)

    def test_priority_of_a_target(self):
        """Where a target names a priority it says so in the reader's language."""
        agreement = self._agreement({"metric": "resolution", "priority": "3"})
        target = agreement.target_ids
        self.assertEqual(target._condition_text(), "Very High")
        self.assertEqual(target.with_env(self.desk.env)._condition_text(), "紧急")

    def test_promise(self):
        """A duration is a phrase of the reader's language."""
        agreement = self._agreement({"metric": "resolution", "duration": 4})
        target = agreement.target_ids
        self.assertEqual(target._promise(), "4 h · Office")
        self.assertEqual(target.with_env(self.desk.env)._promise(), "4 小时 · Office")

    def test_selections(self):
        """Each choice that our models and dialogs offer is named in Chinese."""
        for name in MODELS:
            for field in self.env[name]._fields.values():
                if (
                    field.type == "selection"
                    and "service_quality_core" in field._modules
                ):
                    self._assert_chinese(field)

    def _assert_chinese(self, field):
        for _value, label in field._description_selection(self.desk.env):
            self.assertNotRegex(NAMES.sub("", label), LATIN, str(field))
