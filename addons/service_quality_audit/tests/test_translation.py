import re

from lxml import etree

from odoo.tests import tagged

from .audit_common import AuditCase

BELOW = [
    "document_knowledge",
    "document_page",
    "mgmtsystem",
    "document_page_procedure",
    "mgmtsystem_action",
    "mgmtsystem_nonconformity",
    "mgmtsystem_audit",
    "mgmtsystem_review",
]
"""The addons of the management system, each after those it builds on."""

SHOWN = [
    "mgmtsystem.action",
    "mgmtsystem.audit",
    "mgmtsystem.nonconformity",
    "mgmtsystem.review",
    "mgmtsystem.verification.line",
]

NAMED = [
    "mgmtsystem.action.stage",
    "mgmtsystem.nonconformity.cause",
    "mgmtsystem.nonconformity.origin",
    "mgmtsystem.nonconformity.severity",
    "mgmtsystem.nonconformity.stage",
]

LATIN = re.compile(r"[A-Za-z]{3,}")


@tagged("post_install", "-at_install")
class TestTranslation(AuditCase):
    """Chinese people read Chinese, also what the management system below shows.

    That our own terms are complete is checked against their export by script/po.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        modules = cls.env["ir.module.module"]
        modules._load_module_terms(["mail", *BELOW, "service_quality_audit"], ["zh_CN"])
        cls.chinese = cls.env(context=dict(cls.env.context, lang="zh_CN"))

    def _of_below(self, model):
        """Return the records of a model that the addons below bring, by identifier."""
        found = self.env["ir.model.data"].search(
            [("module", "in", BELOW), ("model", "=", model)]
        )
        return self.chinese[model].browse(found.mapped("res_id")).exists()

    def assertChinese(self, model, field, kept=()):
        """Fail if a text of the addons below is not Chinese.

        :param kept: names that are the same in both languages
        """
        records = self._of_below(model)
        self.assertTrue(records)
        texts = {record[field] for record in records if record[field]} - set(kept)
        self.assertFalse({text for text in texts if LATIN.search(text)}, model)

    def test_labels_of_the_management_system(self):
        """What its lists, boards and forms show has a Chinese label."""
        for model in SHOWN:
            views = self.chinese[model].get_views([(False, "list"), (False, "form")])
            names = {
                name
                for view in views["views"].values()
                for name in etree.fromstring(view["arch"]).xpath(
                    ".//field[not(ancestor::field)]/@name"
                )
            }
            for name in names:
                label = self.chinese[model]._fields[name]._description_string
                self.assertNotRegex(label(self.chinese), LATIN, f"{model}.{name}")

    def test_choices_of_the_management_system(self):
        for model in [*SHOWN, "mgmtsystem.nonconformity.stage"]:
            for field in self.env[model]._fields.values():
                if field.type == "selection" and set(field._modules) & set(BELOW):
                    for _value, label in field._description_selection(self.chinese):
                        self.assertNotRegex(label, LATIN, str(field))

    def test_stages_and_other_records(self):
        """Stages, causes, origins and severities are named in Chinese."""
        stage = self.env.ref("mgmtsystem_nonconformity.stage_pending")
        self.assertEqual(stage.with_env(self.chinese).name, "措施计划")
        for model in NAMED:
            self.assertChinese(model, "name")

    def test_menus(self):
        menu = self.env.ref("mgmtsystem_nonconformity.menu_open_nonconformity")
        self.assertEqual(menu.name, "Nonconformities")
        self.assertEqual(menu.with_env(self.chinese).name, "不符合项")
        self.assertChinese("ir.ui.menu", "name")

    def test_mails(self):
        """Subjects have a Chinese word, but for the one that is a name alone."""
        self.assertChinese("mail.template", "name")
        invited = self.env.ref("mgmtsystem_audit.template_email_prepare_to_audit")
        body = invited.with_env(self.chinese).body_html
        self.assertIn("请准备检查表", body)
        self.assertIn("object.get_action_url()", body)

    def test_views_are_whole(self):
        """Nothing of a form was lost in its translation, and it is Chinese."""
        form = self.env.ref("mgmtsystem_audit.view_mgmtsystem_audit_form")
        english, chinese = (
            etree.fromstring(form.with_context(lang=lang).arch)
            for lang in ("en_US", "zh_CN")
        )
        tags = [[node.tag for node in arch.iter()] for arch in (english, chinese)]
        self.assertEqual(*tags)
        shown = chinese.xpath("//page/@string | //button/@string | //group/@string")
        self.assertTrue(shown)
        self.assertFalse([text for text in shown if LATIN.search(text)])
