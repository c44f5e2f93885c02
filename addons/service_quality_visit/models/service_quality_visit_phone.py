import base64
import binascii
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.served import is_served_to_program
from odoo.addons.service_quality_core.models.service_quality_request import idempotent
from odoo.addons.service_quality_core.tools.form_text import MOST_IN_LINE
from odoo.addons.service_quality_core.tools.metrics import OPEN_PHASES
from odoo.addons.service_quality_core.tools.period import local_midnight

PHOTO_TYPES = ("image/jpeg", "image/png")
MAX_PHOTOS = 20
MAX_PHOTO_BYTES = 25_000_000

DAYS_AHEAD = 7
MAX_TICKETS = 40

MOST_SECONDS_AGO = 366 * 86_400
"""A caller gives the time itself of what was longer ago."""

CONNECTED = timedelta(minutes=1)
"""What a phone sends later than this after it was tapped waited for a connection."""

SENDING = timedelta(minutes=15)
"""So long a phone may take to send what it noted, once it is connected."""

OFFLINE = timedelta(days=1)
"""No phone is taken to be without a connection for longer: what is told of earlier is
entered afterwards, and has to be by the rules for that."""

PART_FIELDS = ("name", "serial", "quantity", "direction", "place")


class ServiceQualityVisitPhone(models.AbstractModel):
    """Adds to a visit the methods that an engineer's phone calls.

    Each call may come twice, as a phone that lost its connection cannot know whether
    the first one arrived: the second changes nothing.
    """

    _name = "service.quality.visit.phone"
    _description = "Visits on a Phone"

    noted_offline = fields.Boolean(
        string="Noted Without a Connection",
        compute="_compute_noted_offline",
        help="A phone that had no connection noted a time of it, and sent it later.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("arrived_at", "left_at")
    def _compute_noted_offline(self):
        # the rows of a visit's ticket are read with the visit
        rows = self.env["service.quality.event"].sudo()
        rows = rows.search(
            [
                ("ticket_id", "in", self.sudo().ticket_id.ids),  # likewise
                ("origin", "=", "offline"),
                ("voided_by_ids", "=", False),
            ]
        )
        noted = {(row.value or {}).get("visit") for row in rows}
        for visit in self:
            visit.noted_offline = visit._origin.id in noted

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def my_day(self):
        """Return what the caller has to do on site: visits and own open tickets.

        :return: dict ``{"cards", "more"}``: a list of dicts as :meth:`_card` makes
            them, and how many further tickets are not listed
        """
        self.check_access("read")
        midnight = self._local_midnight()
        visits = self.search(self._my_day_domain(midnight))
        busy = visits.filtered(lambda visit: visit.state != "signed").ticket_id
        domain = Domain("user_id", "=", self.env.uid) & Domain(
            "service_phase", "in", list(OPEN_PHASES)
        )
        Ticket = self.env["helpdesk.ticket"]
        tickets = Ticket.search(
            domain & Domain("id", "not in", busy.ids), order="service_deadline, id"
        )
        more = max(len(tickets) - MAX_TICKETS, 0)
        tickets = tickets[:MAX_TICKETS]
        # an engineer is sent to tickets of others as well
        visited = visits.sudo().ticket_id
        writable = (Ticket.browse(visited.ids) | tickets)._filtered_access("write")
        tomorrow = midnight + timedelta(days=1)
        cards = [visit._card_of_visit(tomorrow) for visit in visits]
        cards += [self._card(ticket) | {"group": "ticket"} for ticket in tickets]
        for card in cards:
            card["can_resolve"] &= card["ticket_id"] in writable.ids
        return {"cards": cards, "more": more}

    def save_work(self, work_done=None, parts=None, unsigned_reason=None):
        """Write down the work; what is left out stays as it is.

        :param parts: list of dicts ``{"name", "serial", "quantity", "direction",
            "place"}``, all parts of the visit
        :return: True
        """
        self.ensure_one()
        given = Arguments(self.env)
        vals = {"work_done": work_done, "unsigned_reason": unsigned_reason}
        vals = {
            name: given.text(name, value)
            for name, value in vals.items()
            if value is not None
        }
        if parts is not None:
            vals["part_ids"] = [Command.clear()] + [
                Command.create(self._read_part(given, number, part))
                for number, part in enumerate(given.entries("parts", parts))
            ]
        self.write(vals)
        return True

    @idempotent
    def add_photo(self, name, data, external_ref=None):
        """Attach a photo; Odoo makes it smaller where it is big.

        :param name: a file name; one that the visit has already is not added again
        :param data: the picture, base64
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: the id of the attachment
        """
        self.ensure_one()
        self._check_may_write()
        name = Arguments(self.env).text("name", name, MOST_IN_LINE)
        if not name:
            raise ValidationError(self.env._("The photo has no name."))
        known = self.photo_ids.filtered(lambda photo: photo.name == name)
        if known:
            return known[0].id
        photo = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": self._photo_content(data),
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.write({"photo_ids": [Command.link(photo.id)]})
        return photo.id

    def remove_photo(self, photo_id):
        """Delete a photo of the visit, if it is still there.

        :return: True
        """
        self.ensure_one()
        self._check_may_write()
        self.photo_ids.filtered(lambda photo: photo.id == photo_id).unlink()
        return True

    # ------------------------------------------------------------------
    # Cards
    # ------------------------------------------------------------------

    def _card_of_visit(self, tomorrow):
        """Return what the phone shows of a visit; see :meth:`_card`."""
        self.ensure_one()
        # an engineer is sent to tickets of others as well
        card = self._card(self.sudo().ticket_id)
        return card | {
            "id": self.id,
            "number": self.number,
            "state": self.state,
            "group": self._card_group(tomorrow),
            "planned_at": self.planned_at,
            "arrived_at": self.arrived_at,
            "left_at": self.left_at,
            "work_done": self.work_done or "",
            "unsigned_reason": self.unsigned_reason or "",
            "parts": [
                {name: part[name] for name in PART_FIELDS} for part in self.part_ids
            ],
            "photos": [
                {"id": photo.id, "name": photo.name} for photo in self.photo_ids
            ],
            "warning": self.warning,
            "signed_name": self.signed_name,
            "signed_at": self.signed_at,
            "sheet_id": self.sheet_id.id,
        }

    def _card_group(self, tomorrow):
        if self.state == "planned":
            later = self.planned_at and self.planned_at >= tomorrow
            return "later" if later else "today"
        return {"on_site": "on_site", "left": "to_sign", "signed": "done"}[self.state]

    @api.model
    def _card(self, ticket):
        """Return what the phone shows of a ticket whose site an engineer goes to."""
        partner = ticket.partner_id
        company = partner.commercial_partner_id
        place = self._card_place(partner, company)
        return {
            "id": False,
            "ticket_id": ticket.id,
            "ticket": ticket.number,
            "title": ticket.name,
            "customer": company.name or ticket.partner_name or "",
            "contact": partner.name if partner != company else "",
            "phone": partner.phone or company.phone or "",
            "address": self._card_address(place),
            "latitude": place.partner_latitude,
            "longitude": place.partner_longitude,
            "deadline": ticket.service_deadline,
            "burning": ticket.service_state,
            "can_resolve": ticket.service_phase in OPEN_PHASES,
            "state": "planned",
            "work_done": "",
            "unsigned_reason": "",
            "parts": [],
            "photos": [],
        }

    @api.model
    def _card_place(self, partner, company):
        """Return whose address a person is at: their own, if it is another."""
        address = ("street", "city")
        own = any(partner[name] for name in address)
        other = any(partner[name] != company[name] for name in address)
        return partner if own and other else company

    @api.model
    def _card_address(self, place):
        """Return the lines of an address that are filled."""
        lines = place._display_address(without_company=True).splitlines()
        return "\n".join(line.strip(" ,") for line in lines if line.strip(" ,"))

    # ------------------------------------------------------------------
    # Times
    # ------------------------------------------------------------------

    @api.model
    def _moment(self, at=None, seconds_ago=0):
        """Return when it was, from what a caller gave: naive UTC, whole seconds."""
        given = Arguments(self.env)
        moment = given.moment("at", at)
        if moment:
            return moment
        seconds = max(int(given.number("seconds_ago", seconds_ago or 0)), 0)
        given.whole("seconds_ago", seconds, 0, MOST_SECONDS_AGO)
        return fields.Datetime.now() - timedelta(seconds=seconds)

    @api.model
    def _waited(self, at, moment):
        """Return True if a phone noted a moment, and sent it when it was connected.

        Where a person entered the time, nothing but the person says when it was. That
        is also so of what a phone could have sent before, and of another program.
        """
        now = fields.Datetime.now()
        if at or not now - OFFLINE <= moment < now - CONNECTED:
            return False
        return not is_served_to_program() and not self._was_connected(moment, now)

    @api.model
    def _was_connected(self, moment, now):
        """Return True if the caller entered something or logged in after a moment.

        A phone that finds its connection again may ask its engineer to log in first.
        """
        # also on tickets that the engineer does not see any more
        rows = self.env["service.quality.event"].sudo()
        sent = Domain("user_id", "=", self.env.uid) & Domain("recorded_at", ">", moment)
        sent &= Domain("origin", "in", ("user", "rpc"))
        if rows.search_count(sent, limit=1):
            return True
        logins = self.env["res.users.log"].sudo()  # one's own
        login = Domain("create_uid", "=", self.env.uid)
        login &= Domain("create_date", ">", moment)
        login &= Domain("create_date", "<", now - SENDING)
        return bool(logins.search_count(login, limit=1))

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _my_day_domain(self, midnight):
        """Return the domain of the caller's visits that are of interest today."""
        ahead = midnight + timedelta(days=1 + DAYS_AHEAD)
        planned = Domain("state", "=", "planned") & (
            Domain("planned_at", "=", False) | Domain("planned_at", "<", ahead)
        )
        to_sign = Domain("state", "=", "left") & Domain("unsigned_reason", "=", False)
        done = Domain("state", "=", "signed") & Domain("arrived_at", ">=", midnight)
        return Domain("user_id", "=", self.env.uid) & (
            planned | Domain("state", "=", "on_site") | to_sign | done
        )

    @api.model
    def _local_midnight(self):
        """Return when the caller's day began, naive UTC."""
        caller = self.env.user.partner_id
        return local_midnight(caller._service_day(), caller._service_tz())

    @api.model
    def _read_part(self, given, number, part):
        """Return the values of a part from what a phone passed."""
        path = f"parts[{number}]"
        part = given.mapping(path, part, PART_FIELDS)
        part_fields = self.env["service.quality.visit.part"]._fields
        values = {
            name: given.field(f"{path}.{name}", part[name], part_fields[name])
            for name in PART_FIELDS
            if part.get(name)
        }
        if not values.get("name"):
            raise ValidationError(self.env._("Name each part, or take it out."))
        if values.get("quantity", 1) <= 0:
            raise ValidationError(self.env._("The quantity of a part is more than 0."))
        return values | {"sequence": number}

    def _photo_content(self, data):
        """Return the bytes of a photo.

        :raise ValidationError: for what is no picture, too big, or one too many
        """
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise ValidationError(
                self.env._("The photo has not come whole.")
            ) from error
        if guess_mimetype(content) not in PHOTO_TYPES:
            raise ValidationError(
                self.env._("This is not a photo. Take a JPEG or PNG picture.")
            )
        if len(content) > MAX_PHOTO_BYTES:
            raise ValidationError(
                self.env._("The photo is too big. Take one of at most 25 MB.")
            )
        if len(self.photo_ids) >= MAX_PHOTOS:
            raise ValidationError(
                self.env._(
                    "A visit has at most %s photos. Delete one first.", MAX_PHOTOS
                )
            )
        return content
