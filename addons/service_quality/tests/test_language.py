import re

from freezegun import freeze_time

from odoo.tests import tagged

from .proof_common import ProofCase

HAN = re.compile("[\u4e00-\u9fff]")


@tagged("post_install", "-at_install")
class TestLanguage(ProofCase):
    """Jobs and people write in the language of who reads it, not in their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(
            ["service_quality_complaint"], ["zh_CN"]
        )
        cls.company.partner_id.lang = "zh_CN"
        staff = cls.env["res.users"].search([("share", "=", False)])
        staff.lang = "zh_CN"

    def assertChinese(self, texts):
        self.assertTrue(texts)
        self.assertFalse([text for text in texts if not HAN.search(text or "")])

    def _last(self, model):
        return self.env[model].search([], order="id desc", limit=1).id or 0

    def _after(self, model, last):
        return self.env[model].search([("id", ">", last)])

    def _run_jobs(self, moment):
        """Run all jobs of ours at a moment as the scheduler does, in no language."""
        jobs = self.env["ir.model.data"].search(
            [("module", "=like", "service_quality%"), ("model", "=", "ir.cron")]
        )
        with freeze_time(moment), self.enter_registry_test_mode():
            for job in self.env["ir.cron"].browse(jobs.mapped("res_id")):
                job.method_direct_trigger()  # batched: each of a few
        self.env.invalidate_all()

    def _work(self):
        """Leave something to do for the jobs that ask people for something."""
        self._agreement(
            {"metric": "resolution", "duration": 8},
            date_end="2026-04-20",
            manager_id=self.manager.id,
        )
        self.team.user_id = self.caller
        with freeze_time("2026-03-24 08:00"):
            ticket = self._ticket(name="Dead line")
        self._move(ticket, "resolved", "2026-03-24 10:00")
        call = self._next("2026-03-24 11:00")
        self._complete(
            call,
            "2026-03-24 11:05",
            satisfaction="1",
            reason_ids=self.reason.ids,
            comment="Slow",
        )
        self._complaint("2026-03-05 09:00")
        self.company.write(
            {"service_hotline": "12315", "service_hotline_tester_id": self.chief.id}
        )
        project = self.env["service.quality.project"].create(
            {
                "name": "Care",
                "partner_id": self.acme.id,
                "user_id": self.manager.id,
                "team_id": self.team.id,
                "date_start": "2026-01-01",
            }
        )
        self.env["service.quality.patrol.plan"].create(
            {
                "name": "Power",
                "project_id": project.id,
                "user_id": self.expert.id,
                "date_start": "2026-04-01",
            }
        )

    def test_jobs_write_in_the_language_of_who_reads(self):
        """What all jobs ask, mail and remind of is Chinese for Chinese people."""
        self._work()
        reminders = "service.quality.escalation.reminder"
        models = ("mail.activity", "mail.mail", reminders)
        last = {model: self._last(model) for model in models}
        self._run_jobs("2026-03-31 06:00")
        self._run_jobs("2026-04-01 06:00")
        activities, mails, reminders = (
            self._after(model, last[model]) for model in models
        )
        asked = activities.filtered("automated")
        self.assertChinese(asked.mapped("summary"))
        for model in (
            "service.quality.agreement",
            "service.quality.callback.digest",
            "service.quality.complaint.feedback",
            "service.quality.hotline.test",
            "service.quality.patrol",
            "service.quality.report",
        ):
            self.assertIn(model, asked.mapped("res_model"))
        self.assertChinese(mails.mapped("subject"))
        if reminders:
            self.assertChinese(reminders.mapped("name"))

    def test_each_reads_their_own_language(self):
        """In a Chinese company an English colleague is asked in English."""
        self.caller.lang = "en_US"
        self._work()
        with freeze_time("2026-03-31 06:00"):
            self.env["service.quality.callback.digest"]._cron_make_digests()
            self.env["service.quality.agreement.notice"]._cron_warn_ending()
        managed = self.env["mail.activity"].search(
            [
                ("res_model", "=", "service.quality.agreement"),
                ("user_id", "=", self.manager.id),
            ]
        )
        english = self.env["service.quality.callback.digest"].search(
            [("user_id", "=", self.caller.id)]
        )
        self.assertTrue(english.activity_ids.summary.isascii())
        self.assertChinese(managed.mapped("summary"))

    def test_calls_are_planned_and_dropped_in_the_company_s_language(self):
        """Nobody has the activity yet, and everybody reads why a call was dropped."""
        ticket = self._ticket("2026-03-02 08:00")
        english = ticket.with_context(lang="en_US")
        self._move(english, "resolved", "2026-03-02 10:00")
        call = ticket.service_callback_ids
        self.assertChinese(call._activities().mapped("summary"))
        self._move(english, "active", "2026-03-02 11:00")
        self.assertChinese([call.end_reason])

    def test_others_are_asked_in_their_language(self):
        """Who acts in English asks a Chinese colleague in Chinese."""
        call = self._next_of(self._ticket("2026-03-02 08:00"))
        ticket = call.ticket_id.with_context(lang="en_US")
        last = self._last("mail.activity")
        self._complete(
            call.with_context(lang="en_US"),
            "2026-03-02 11:00",
            solved="partly",
            follow_up_user_id=self.expert.id,
            follow_up_date="2026-03-05",
            wants_manager=True,
        )
        complaint = self._complaint("2026-03-02 09:00")
        complaint.user_id = self.clerk
        self._answer(complaint, "2026-03-02 10:00")
        with freeze_time("2026-03-02 12:00"):
            complaint.with_context(lang="en_US").service_complaint_refused("No")
        self.assertTrue(ticket.activity_ids)
        asked = self._after("mail.activity", last).filtered("user_id")
        self.assertLessEqual(
            {self.expert, self.clerk}, set(asked.mapped("user_id")), "all are asked"
        )
        self.assertChinese(asked.mapped("summary"))

    def _next_of(self, ticket):
        self._move(ticket, "resolved", "2026-03-02 10:00")
        return self._next("2026-03-02 10:30")
