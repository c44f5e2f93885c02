import psycopg2.errors
from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL, plaintext2html

FORM_SCOPE = "service_quality_complaint.hotline.form"

ABOUT = ("place", "person", "product", "ticket", "other")
"""What somebody at the hotline can say that it is about."""

LEAST_NAME = 2
"""So many characters make a name that is looked for in what was written."""


class ServiceQualityComplaintHotline(models.AbstractModel):
    """A report at the supervision hotline is a complaint written on a public page."""

    _name = "service.quality.complaint.hotline"
    _description = "Reports at the Hotline"

    # ------------------------------------------------------------------
    # Entering
    # ------------------------------------------------------------------

    @api.model
    def _service_submit_form(self, values, uploads, key):
        """Enter a complaint that somebody wrote on a page, once.

        :param values: for :meth:`_service_complaint_submit`
        :param uploads: list of (name, content, mimetype)
        :param key: of the form; the same form sent twice gets the same receipt
        :return: dict ``{"receipt", "secret"}``
        """
        receipt = self._service_receipt_of_form(key)
        self._service_lock_form(receipt)
        if self._service_complaint_by_receipt(**receipt):
            return receipt
        try:
            ticket, _secret = self._service_complaint_submit(values, receipt)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError("The same form has just been entered") from error
        # who may read the complaint reads what came with it
        ticket.env["ir.attachment"].create(
            [
                {
                    "name": f"{receipt['receipt']}-{upload.name}",
                    "raw": upload.content,
                    "mimetype": upload.mimetype,
                    "res_model": ticket._name,
                    "res_id": ticket.id,
                }
                for upload in uploads
            ]
        )
        return receipt

    @api.model
    def _service_receipt_of_form(self, key):
        """Return the receipt for a form with this key.

        It is computed and not stored, so that a form sent twice gets the same one.
        """
        return self._service_compute_receipt(FORM_SCOPE, key)

    @api.model
    def _service_lock_form(self, receipt):
        """Let one request at a time enter a form; the other one looks again later."""
        [[locked]] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
                receipt["receipt"],
            )
        )
        if not locked:
            raise ConcurrencyError("The same form is being entered")

    # ------------------------------------------------------------------
    # What is said
    # ------------------------------------------------------------------

    @api.model
    def _service_hotline_values(self, place, given):
        """Return what is entered, for :meth:`_service_complaint_submit`.

        :param place: the team or company whose page it is, as superuser
        :param given: dict ``{"about", "which", "text", "anonymous", "name", "email",
            "phone"}``, cleaned
        """
        is_team = place._name == "helpdesk.ticket.team"
        company = place.company_id or self.env.company if is_team else place
        staff = self.with_context(lang=company._service_lang())
        values = {
            "subject": staff.env._("Supervision hotline: %s", place.name),
            "description": staff._service_hotline_description(given),
            "company_id": company.id,
            "channel_id": self._service_channel_id("web"),
            "anonymous": given["anonymous"],
            "about_team_id": place.id if is_team else False,
            "report": True,
        } | self._service_hotline_about(place, company, given)
        if not given["anonymous"]:
            values |= {
                "partner_name": given["name"],
                "email": given["email"],
                "phone": given["phone"],
            }
        return values

    @api.model
    def _service_hotline_description(self, given):
        _ = self.env._
        labels = {
            "place": _("This place"),
            "person": _("A person"),
            "product": _("A product"),
            "ticket": _("A ticket"),
            "other": _("Something else"),
        }
        about = " · ".join(filter(None, (labels[given["about"]], given["which"])))
        return Markup("<p><b>%s</b> %s</p>%s") % (
            _("About:"),
            about,
            plaintext2html(given["text"]),
        )

    @api.model
    def _service_hotline_about(self, place, company, given):
        """Return whom or what the words name, and whether that is unclear.

        Nothing of it is told to who writes. A guess is not enough to show a report
        to people: whom it means may be among them.
        """
        about, which = given["about"], given["which"]
        if about == "product":
            return {"about_product": which}
        if about == "ticket":
            return self._service_hotline_ticket(place, company, which)
        if about == "person":
            users = self.env["res.users"].sudo()  # looked up by us, not by them
            found, sure = _named(
                users.search(
                    [("share", "=", False), ("company_ids", "in", company.ids)]
                ),
                which,
            )
            return {"about_user_id": found.id, "unclear": not sure}
        if place != company:
            return {}
        found, sure = self.env["helpdesk.ticket.team"].sudo(), False  # looked up by us
        if about == "place":
            teams = found.search([("company_id", "in", (False, company.id))])
            found, sure = _named(teams, which)
        return {"about_team_id": found.id, "unclear": not sure}

    @api.model
    def _service_hotline_ticket(self, place, company, number):
        """Return the ticket of a number; the report is about whose ticket it is."""
        domain = [("number", "in", [number, number.upper()])]
        # what it is about is looked up by us, not by them
        tickets = self.sudo()
        if number:
            tickets = tickets.search(
                [*domain, ("company_id", "=", company.id)], limit=1
            )
        team = tickets.team_id
        under = team.search([("id", "child_of", team.ids)])
        handler = tickets.user_id.filtered("active")
        values = {
            "unclear": not team
            or place not in (company, team)
            # who handled it and works elsewhere would read the report
            or bool(handler - under.user_id - under.user_ids)
        }
        if tickets:
            values["about_ticket_id"] = tickets.id
        return values | ({"about_team_id": team.id} if team else {})

    # ------------------------------------------------------------------
    # Number
    # ------------------------------------------------------------------

    def _service_hotline(self):
        """Return the number of the hotline for a ticket: the outlet's or company's."""
        ticket = self.sudo()  # printed on what customers get
        line = ticket._service_team_concerned()._service_line()
        return next(
            (team.service_hotline for team in line if team.service_hotline),
            ticket.company_id.service_hotline or "",
        )


def _named(records, text):
    """Return the record whose name is in a text, and whether no other may be meant.

    The record is an empty one if more than one has that name.
    """
    text = text.casefold().strip()
    found = records.filtered(
        lambda record: (
            len(record.name or "") >= LEAST_NAME and record.name.casefold() in text
        )
    )
    longest = max((len(record.name) for record in found), default=0)
    found = found.filtered(lambda record: len(record.name) == longest)
    found = found if len(found) == 1 else records.browse()
    exact = bool(found) and found.name.casefold().strip() == text
    others = (records - found).filtered(
        lambda record: text in (record.name or "").casefold()
    )
    return found, exact and not others
