from odoo import api, models, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

QUALITY = "service_quality_core.service_quality_group_quality"


class ServiceQualityComplaintConfidentiality(models.AbstractModel):
    """The confidentiality of a complaint keeps it from those whom it is about.

    Who a complaint names never sees it, nor does anybody who works under them. What
    the supervision hotline is told about an outlet or team is hidden from all who work
    there. Who works under whom is what the teams say now: their leaders, members and
    parents. As long as it is not clear whom a report is about, only the quality
    department sees it.
    """

    _name = "service.quality.complaint.confidentiality"
    _description = "Confidentiality of Complaints"

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(
        "user_id",
        "team_id",
        "service_about_user_id",
        "service_about_team_id",
        "service_is_report",
        "service_is_unclear",
    )
    def _check_service_assignment(self):
        for ticket in self.sudo():  # the rule is for everybody
            if not any(ticket._service_about()):
                continue
            hidden_from = ticket._service_hidden_from()
            if ticket.user_id in hidden_from or (
                ticket.team_id and not ticket._service_is_open_to(ticket.team_id)
            ):
                raise ValidationError(
                    self.env._(
                        "Complaint %s is about the person or team that it would be "
                        "assigned to, or about whom they work under. Choose another.",
                        ticket.number,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_clarify(self):
        """Show reports to those who handle them, once it is clear whom they mean."""
        self._ensure_some()
        self.check_access("write")
        if not self.env.user.has_group(QUALITY):
            raise AccessError(
                self.env._(
                    "The quality department says whom a report is about. Ask it to do "
                    "so."
                )
            )
        # written by steps alone
        reports = self.sudo().filtered("service_is_unclear")
        reports._write_as_step({"service_is_unclear": False})
        reports._service_complaints_raised()
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _service_confidential_domain(self):
        """Return the domain of what is about the user, or their superiors."""
        user = self.env.user
        if not user.has_group("base.group_user"):
            # works here in no team, and may not ask by these fields
            return Domain.FALSE
        areas = user._service_areas()
        return self._service_complaints_about(
            (user | areas.user_id)._ids,
            areas._ids,
            user._is_superuser() or user.has_group(QUALITY),
        )

    @api.model
    @tools.ormcache("user_ids", "team_ids", "is_quality")
    def _service_complaints_about(self, user_ids, team_ids, is_quality):
        """Return the domain of what is about some people, or reported of some teams.

        Record rules ask for it more than ten times in a request: it is kept as Odoo
        has optimized it.

        :param is_quality: for one who sees what it is not clear of whom it is about
        """
        about = Domain("service_about_user_id", "in", user_ids) | (
            Domain("service_is_report", "=", True)
            & Domain("service_about_team_id", "in", team_ids)
        )
        if not is_quality:
            about |= Domain("service_is_unclear", "=", True)
        # what is kept from a user does not depend on what the user may read
        return about.optimize_full(self.sudo())

    def _service_kept_from(self):
        """Return the users whom a complaint is about, and who works under them."""
        self.ensure_one()
        # who works under whom, in teams that are archived too
        teams = self.env["helpdesk.ticket.team"].sudo().with_context(active_test=False)
        ticket = self.sudo()  # also for who may not read it
        person = ticket.service_about_user_id
        led = teams.search([("user_id", "=", person.id)]) if person else teams
        if ticket.service_is_report:
            led |= ticket.service_about_team_id
        hidden_from = person | led._service_members_below()
        if ticket.service_is_unclear:
            quality = self.env.ref(QUALITY).sudo().all_user_ids  # for everybody
            hidden_from |= hidden_from.search(
                [("share", "=", False), ("id", "not in", quality.ids)]
            )
        return hidden_from

    def _service_concerns(self, team):
        """Return True if a complaint is about a team, or about who leads it."""
        # who works under whom, also for who may not read it
        ticket, line = self.sudo(), team.sudo()._service_line()
        return bool(
            ticket.service_about_user_id & line.user_id
            or (ticket.service_is_report and ticket.service_about_team_id in line)
        )

    def _service_hide_from_others(self, before):
        """End what gave access to tickets, once they are about others than before.

        :param before: what :meth:`_service_complaint_facts` gave before the write
        """
        after = self._service_complaint_facts()
        changed = self.browse(
            ticket_id
            for ticket_id, new in after.items()
            if new.about != before[ticket_id].about
        ).sudo()  # who says so need not see it any more
        for ticket in changed:
            ticket._service_end_access(ticket._service_hidden_from().partner_id)
        if changed:
            for model in ("mail.message", "mail.followers", "mail.activity"):
                self.env[model].invalidate_model(["service_is_hidden"])
