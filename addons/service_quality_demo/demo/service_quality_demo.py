import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reportlab.pdfgen.canvas import Canvas

from odoo import Command, api, fields, models
from odoo.tools import file_open, groupby

from odoo.addons.service_quality_core.hooks import map_stages

from .alarms import tell_alarms
from .complaints import tell_complaints
from .compliance import tell_compliance
from .course import Course, opening
from .figures import tell_figures
from .handovers import tell_handovers
from .history import tell_history
from .reports import tell_reports
from .story import AGREEMENTS, CALENDARS, GROUNDS, HOUSE_RULE, holidays
from .surveys import tell_surveys
from .visits import tell_visits

TICKETS = "service_quality_demo/demo/story_tickets.csv"

EXAMPLES = ("mgmtsystem.audit", "mgmtsystem.nonconformity", "mgmtsystem.action")
"""The models of the management system of which it brings examples."""

QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "no_reset_password": True,
}
"""The context in which no one is told of what happened long ago."""


class ServiceQualityDemo(models.AbstractModel):
    """Tells the demo's story: what the XML files cannot say, relative to today.

    Agreements are signed and tickets are worked on by the same methods as in the
    client, so that the ledger holds what it would hold had it happened.
    """

    _name = "service.quality.demo"
    _description = "Service Quality: Demo Story"

    @api.model
    def _tell(self):
        """Tell the story, once."""
        if self._ref("agreement", "bank_1"):
            return
        quiet = self.with_context(**QUIET)
        map_stages(self.env)  # demo data comes before what follows an installation
        quiet._take_out_examples()
        quiet._tell_passwords()
        quiet._tell_holidays()
        quiet._tell_agreements()
        quiet._tell_house_rule()
        is_first = not self._ref("past", "001")  # the past is told once
        if is_first:
            tell_history(quiet)
        quiet._tell_tickets()
        tell_complaints(quiet)
        tell_handovers(quiet)
        tell_alarms(quiet)
        tell_visits(quiet)
        # the register finds figures and reports as evidence
        if is_first:
            tell_figures(quiet)
            tell_reports(quiet)
            tell_surveys(quiet)
        tell_compliance(quiet)

    def _take_out_examples(self):
        """Take out what the management system shows as examples in demo databases.

        They would stand among the measures, audits and nonconformities of the story,
        and nobody of it knows of them.
        """
        for model in EXAMPLES:  # batched: three models
            told = self.env["ir.model.data"].search(
                [("module", "=like", "mgmtsystem%"), ("model", "=", model)]
            )
            examples = self.env[model].browse(told.mapped("res_id")).exists()
            # where a regulation is in force already, they stay on record
            examples.filtered(lambda one: not one.service_is_gated).unlink()

    def _ref(self, what, key):
        """Return a record of the demo, empty when there is none."""
        return self.env.ref(
            f"service_quality_demo.demo_{what}_{key}", raise_if_not_found=False
        )

    def _name_records(self, what, records):
        """Give records their external ids: ``{key: record}``."""
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"service_quality_demo.demo_{what}_{key}",
                    "record": record,
                    "noupdate": True,
                }
                for key, record in records.items()
            ]
        )

    def _tell_passwords(self):
        """Give the people of the story the password of Odoo's own demo user.

        Hashing a dozen passwords takes longer than all the rest.
        """
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE res_users AS person
               SET password = demo.password
              FROM res_users AS demo, ir_model_data AS data
             WHERE demo.id = %s
               AND person.id = data.res_id
               AND data.model = 'res.users'
               AND data.module = 'service_quality_demo'
               AND data.name LIKE 'demo%%'
            """,
            [self.env.ref("base.user_demo").id],
        )
        self.env["res.users"].invalidate_model(["password"])

    # ------------------------------------------------------------------
    # Agreements
    # ------------------------------------------------------------------

    def _tell_holidays(self):
        """Close the calendars on holidays of last, this and next year."""
        this_year = fields.Date.today().year
        self.env["resource.calendar.leaves"].create(
            [
                self._prepare_holiday(self._ref("calendar", key), year, *holiday)
                for key, country in CALENDARS.items()
                for year in (this_year - 1, this_year, this_year + 1)
                for holiday in holidays(country, year)
            ]
        )

    def _prepare_holiday(self, calendar, year, name, month, day, days):
        first = datetime(year, month, day, tzinfo=ZoneInfo(calendar.tz))
        last = first + timedelta(days=days, seconds=-1)
        return {
            "name": name,
            "calendar_id": calendar.id,
            "date_from": first.astimezone(UTC).replace(tzinfo=None),
            "date_to": last.astimezone(UTC).replace(tzinfo=None),
        }

    def _tell_agreements(self):
        """Draft the agreements in their order, and sign those that are signed."""
        drafted = self.env["service.quality.agreement"].create(
            [self._prepare_agreement(story) for story in AGREEMENTS]
        )
        by_key = {
            story["key"]: agreement
            for story, agreement in zip(AGREEMENTS, drafted, strict=True)
        }
        self._name_records("agreement", by_key)
        for story in AGREEMENTS:
            agreement = by_key[story["key"]]
            if not story.get("draft"):
                self._attach_paper(agreement)
                agreement.action_sign()
            if "previous" in story:
                # later than its signing: a next version would hold from today on
                agreement._write_as_step(
                    {"previous_id": by_key[story["previous"]].id, "version": 2}
                )
            if "previous" in story and not story.get("draft"):
                agreement._end_previous()

    def _attach_paper(self, agreement):
        """Attach the page that both have signed, without which a day proves nothing."""
        stream = io.BytesIO()
        page = Canvas(stream, invariant=True)
        signed = (agreement.signed_by_us_on, agreement.signed_by_customer_on)
        page.drawString(
            72, 760, f"{agreement.number}: signed on {signed[0]}, {signed[1]}"
        )
        page.save()
        agreement.document_ids = self.env["ir.attachment"].create(
            {
                "name": f"{agreement.number}.pdf",
                "raw": stream.getvalue(),
                "res_model": agreement._name,
                "res_id": agreement.id,
            }
        )

    def _prepare_agreement(self, story):
        today = fields.Date.today()
        start = today + timedelta(days=story["start"])
        values = {
            "name": story["name"],
            "number": story["number"],
            "kind": story["kind"],
            "company_id": self.env.ref("base.main_company").id,
            "partner_ids": [
                Command.link(self._ref("partner", key).id)
                for key in story.get("partners", ())
            ],
            "team_ids": [
                Command.link(self._ref("team", key).id)
                for key in story.get("teams", ())
            ],
            "date_start": start,
            "date_end": "end" in story and today + timedelta(days=story["end"]),
            "manager_id": self._ref("user", "zhou").id,
            "salesperson_id": self._ref("user", "ma").id,
            "target_ids": [
                Command.create(dict(values, sequence=number))  # batched: values
                for number, values in enumerate(story["targets"])
            ],
        }
        if story["kind"] == "sla":
            values["exclusion_ground_ids"] = [
                Command.create({"name": ground})  # batched: values
                for ground in GROUNDS
            ]
        if "project" in story:
            values["project_id"] = self._ref("project", story["project"]).id
        if "calendar" in story:
            values["calendar_id"] = self._ref("calendar", story["calendar"]).id
        if not story.get("draft"):
            values |= {
                "signed_by_us": "周建国 Zhou Jianguo",
                "signed_by_us_on": start - timedelta(days=9),
                "signed_by_customer": story["other"],
                "signed_by_customer_on": start - timedelta(days=6),
            }
        return values

    def _tell_house_rule(self):
        """Enter a house rule that was in force before the story begins."""
        # those of addons that are being installed
        self.env["service.quality.target"]._ship_house_rules()
        process = self.env.ref("service_quality_core.helpdesk_ticket_type_security")
        rule = self.env["service.quality.target"].create(
            HOUSE_RULE
            | {
                "process_id": process.id,
                "company_id": self.env.ref("base.main_company").id,
            }
        )
        self._name_records("target", {"security": rule})
        self.env["service.quality.term"].create(
            {
                "target_id": rule.id,
                "date_start": fields.Datetime.now() - timedelta(days=400),
                "reason": "Demo data",
            }
        )

    # ------------------------------------------------------------------
    # Tickets
    # ------------------------------------------------------------------

    def _tell_tickets(self):
        """Open the tickets of the story and do to them what it says, in its order."""
        with file_open(TICKETS, "r") as file:
            stories = list(csv.DictReader(file))
        for (channel, customer), told in groupby(
            stories, lambda story: (story["channel"], story["contact"].split("_")[0])
        ):
            values = [self._prepare_ticket(story) for story in told]
            desk = self._desk_of(channel, customer)
            opened = desk.create(values)  # batched: once per channel of a customer
            refs = [story["ref"] for story in told]
            self._name_records("ticket", dict(zip(refs, opened, strict=True)))
        for story in stories:
            Course(self, story).run()
        self._backdate()

    def _desk_of(self, channel, customer):
        """Return the tickets as the one who enters them: desk, mail, or portal."""
        tickets = self.env["helpdesk.ticket"]
        if channel == "phone":
            return tickets.with_user(self._ref("user", "yue"))
        if channel == "email":
            return tickets.with_context(fetchmail_cron_running=True)
        # as the portal's own form does: customers have no right to create
        return tickets.with_user(self._ref("user", customer)).sudo()

    def _prepare_ticket(self, story):
        contact = self._ref("partner", story["contact"])
        return {
            "name": story["title"],
            "description": story["text"],
            "company_id": self.env.ref("base.main_company").id,
            "partner_id": contact.id,
            "partner_name": contact.name,
            "partner_email": contact.email,
            "channel_id": self.env.ref(
                f"helpdesk_mgmt.helpdesk_ticket_channel_{story['channel']}"
            ).id,
            "team_id": self._ref("team", story["team"]).id,
            "user_id": False,
            "category_id": self._ref("category", story["category"]).id,
            "type_id": self.env.ref(
                f"service_quality_core.helpdesk_ticket_type_{story['process']}"
            ).id,
            "priority": story["priority"],
            "service_opened_at": opening(story["opened"], contact.tz),
        }

    def _backdate(self):
        """Let the tickets' own dates follow the ledger: they say when it was told."""
        tickets = self.env["ir.model.data"].search(
            [
                ("module", "=like", "service_quality%"),
                "|",
                ("name", "=like", "demo_ticket_%"),
                ("name", "=like", "demo_past_%"),
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE helpdesk_ticket AS ticket
               SET create_date = service_opened_at,
                   assigned_date = ledger.assigned,
                   last_stage_update = COALESCE(ledger.moved, service_opened_at),
                   closed_date = CASE WHEN closed_date IS NULL THEN NULL
                                      ELSE ledger.moved END
              FROM (SELECT ticket_id,
                           max(at) FILTER (WHERE kind = 'assigned') AS assigned,
                           max(at) FILTER (WHERE kind = 'phase') AS moved
                      FROM service_quality_event
                     WHERE ticket_id = ANY(%s)
                     GROUP BY ticket_id) AS ledger
             WHERE ledger.ticket_id = ticket.id
            """,
            [tickets.mapped("res_id")],
        )
        self.env["helpdesk.ticket"].invalidate_model()
