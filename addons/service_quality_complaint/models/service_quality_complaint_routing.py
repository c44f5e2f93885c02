from odoo import api, models

from odoo.addons.service_quality_core.models.severity import RANK


class ServiceQualityComplaintRouting(models.AbstractModel):
    """The routing of a complaint passes it on to those whom it concerns, at once."""

    _name = "service.quality.complaint.routing"
    _description = "Routing of Complaints"

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("service_notice_ids.noted_at")
    @api.depends_context("uid")
    def _compute_service_to_note(self):
        notices = self._service_own_notices()
        for ticket in self:
            ticket.service_to_note = ticket._origin in notices.ticket_id

    def _search_service_to_note(self, operator, value):
        if operator != "in":
            return NotImplemented
        Notice = self.env["service.quality.complaint.notice"]
        mine = Notice._search(
            [("user_id", "=", self.env.uid), ("noted_at", "=", False)]
        )
        return [("service_notice_ids", "in", mine)]

    def _service_own_notices(self):
        """Return what the user was told of these tickets and did not take note of."""
        return self.env["service.quality.complaint.notice"].search(
            [
                ("ticket_id", "in", self.ids),
                ("user_id", "=", self.env.uid),
                ("noted_at", "=", False),
            ]
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_take_note(self):
        """Take note of complaints that the user was told of."""
        notices = self._ensure_some()._service_own_notices()
        return not notices or notices.action_take_note()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_complaints_raised(self):
        """Hand major complaints to the centre and pass on what has to be."""
        complaints = self.sudo()  # who raises it need not see whom it goes to
        complaints._service_assign_centre()
        complaints._service_pass_on()

    def _service_assign_centre(self):
        """Regulation A3.3.3: a major complaint is the technical service centre's."""
        major = self.filtered(lambda ticket: ticket._service_severity() == "major")
        for company, tickets in major.grouped("company_id").items():
            centre = company.service_technical_centre_id
            for ticket in tickets if centre else ():
                team = ticket._service_open_team(centre)
                if ticket.team_id != team:
                    ticket.write({"team_id": team.id, "user_id": False})

    def _service_pass_on(self):
        """Regulations A3.5.3 and C2.3: tell those whom complaints concern, at once."""
        Route = self.env["service.quality.complaint.route"]
        routes = Route.search([("company_id", "in", self.company_id.ids)])
        told = self.env["service.quality.complaint.notice"]._read_group(
            [("ticket_id", "in", self.ids)], ["ticket_id", "user_id", "severity"]
        )
        told = set(told)
        notices = []
        for ticket in self:
            fitting = routes.filtered(
                lambda route, ticket=ticket: (
                    route.company_id == ticket.company_id and route._fits(ticket)
                )
            )
            severity = ticket._service_severity()
            notices += [
                {
                    "ticket_id": ticket.id,
                    "user_id": user.id,
                    "team_id": team.id,
                    "route_id": route.id,
                }
                for user, (team, route) in ticket._service_whom_to_tell(fitting).items()
                if (ticket, user, severity) not in told
            ]
        self.env["service.quality.complaint.notice"]._tell(notices)

    def _service_whom_to_tell(self, routes):
        """Return whom a complaint is passed on to.

        :param routes: those that fit it
        :return: dict of user to (team, route) on whose account
        """
        Team, Route = self.env["helpdesk.ticket.team"], routes.browse()
        if self.service_is_unclear:
            return self._service_quality_to_tell()
        teams = [(team, route) for route in routes for team in route.told_team_ids]
        grave = RANK[self._service_severity()] >= RANK["important"]
        if self._service_severity() == "major":
            teams.append((self.team_id, Route))
        if self.company_id._service_passes_on_every_complaint() or (
            grave and not routes
        ):
            teams.append((self._service_team_concerned(), Route))
        found = {}
        for team, route in teams:
            for user in team._service_contacts(self._service_visible_to):
                found.setdefault(user, (team, route))
        for route in routes:
            for user in self._service_visible_to(route.told_user_ids):
                found.setdefault(user, (Team, route))
        if not found and (teams or routes):
            # all whom it concerns are those it is about
            return self._service_quality_to_tell()
        return found

    def _service_quality_to_tell(self):
        """Return the quality department as :meth:`_service_whom_to_tell` does."""
        quality = self._service_visible_to(
            self.company_id._service_role_users("quality")
        )
        account = (
            self.env["helpdesk.ticket.team"],
            self.env["service.quality.complaint.route"],
        )
        return dict.fromkeys(quality, account)

    def _service_team_concerned(self):
        """Return the outlet or team that a complaint is about, or that has it."""
        return (
            self.service_about_team_id
            or self.service_about_ticket_id.team_id
            or self.team_id
        )
