from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_quality_core.models.severity import SEVERITIES


class ServiceQualityComplaintNotice(models.Model):
    """A notice says who was told of a complaint, how, and when they took note."""

    _name = "service.quality.complaint.notice"
    _description = "Complaint Passed On"
    _order = "told_at desc, id desc"
    _rec_name = "user_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Who Was Told",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Department",
        readonly=True,
        index="btree_not_null",
        help="For which the person was told.",
    )
    route_id = fields.Many2one(
        "service.quality.complaint.route", readonly=True, index="btree_not_null"
    )
    severity = fields.Selection(
        SEVERITIES, required=True, readonly=True, help="Of the complaint at that time."
    )
    way = fields.Selection(
        [("activity", "Activity"), ("both", "Activity and mail")],
        required=True,
        readonly=True,
    )
    told_at = fields.Datetime(required=True, readonly=True)
    noted_at = fields.Datetime(string="Took Note", readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _once_uniq = models.UniqueIndex("(ticket_id, user_id, severity)")
    _open_idx = models.Index("(user_id) WHERE noted_at IS NULL")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        raise UserError(
            self.env._("Who was told of a complaint is part of its record and stays.")
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_take_note(self):
        """Record that the user has read what they were told."""
        self._ensure_some()
        if any(notice.user_id != self.env.user for notice in self):
            raise AccessError(
                self.env._("Only whoever was told of the complaint takes note of it.")
            )
        self._take_note()
        return True

    def action_open_ticket(self):
        """Open the complaint."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _take_note(self):
        """Enter in notices and ledger who has taken note just now."""
        notices = self.sudo().filtered(  # the record is written for everybody
            lambda notice: not notice.noted_at
        )
        if not notices:
            return
        now = fields.Datetime.now()
        notices.noted_at = now
        self.env["service.quality.ledger"].sudo()._append(  # for everybody
            [
                notice.ticket_id._service_row(
                    "noted", {"user": notice.user_id.id, "team": notice.team_id.id}, now
                )
                for notice in notices
            ]
        )
        # it is no answer to the complainant
        notices.activity_id.filtered("active").with_context(
            service_automatic=True
        )._action_done()

    @api.model
    def _tell(self, told):
        """Tell people of complaints, by record, activity, mail and ledger at once.

        :param told: list of dicts of values: ticket_id, user_id, team_id, route_id
        """
        if not told:
            return
        # what is entered for another day was told on that day
        Ticket = self.env["helpdesk.ticket"]
        now = Ticket._service_moment(Ticket._service_told().at)
        tickets = self.env["helpdesk.ticket"].browse(
            [values["ticket_id"] for values in told]
        )
        users = self.env["res.users"].browse([values["user_id"] for values in told])
        notices = self.create(
            [
                values
                | {
                    "company_id": ticket.company_id.id,
                    "severity": ticket._service_severity(),
                    "way": "both" if user.email else "activity",
                    "told_at": now,
                }
                for values, ticket, user in zip(told, tickets, users, strict=True)
            ]
        )
        notices._schedule_activities()
        notices.filtered(lambda notice: notice.way == "both")._send_mails()
        self.env["service.quality.ledger"]._append(
            [
                notice.ticket_id._service_row(
                    "passed_on",
                    {"user": notice.user_id.id, "team": notice.team_id.id},
                    now,
                )
                for notice in notices
            ]
        )

    def _schedule_activities(self):
        """Plan for everybody told that they take note, and tell them so once."""
        # our own mail says more than the one that activities send
        activities = self.env["mail.activity"]._service_plan(
            [
                (
                    notice.ticket_id,
                    notice.user_id,
                    notice.user_id.partner_id._service_day(notice.company_id),
                    notice._summary,
                )
                for notice in self
            ],
            "service_quality_complaint.mail_activity_type_complaint",
        )
        for notice, activity in zip(self, activities, strict=True):
            notice.activity_id = activity

    def _summary(self, ticket):
        """Return what the person told is asked for.

        :param ticket: the complaint, in their language
        """
        labels = dict(self._fields["severity"]._description_selection(ticket.env))
        return ticket.env._("Complaint, %s: take note", labels[self.severity].lower())

    def _send_mails(self):
        if self:
            self.env.ref(
                "service_quality_complaint.mail_template_complaint_passed_on"
            )._service_send_batch(self.ids, "mail.mail_notification_light")
