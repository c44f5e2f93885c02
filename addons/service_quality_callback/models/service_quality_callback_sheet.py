from odoo import fields, models
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.tools.instants import to_epoch

from ..tools.calling import is_callable

WORDS = 300
"""How much of a text the caller is shown; the ticket has the rest."""

CONTACTS = 30
"""How many people of the customer are offered when the number is wrong."""


class ServiceQualityCallbackSheet(models.AbstractModel):
    """The call sheet tells a caller what to know before and during a call."""

    _name = "service.quality.callback.sheet"
    _description = "Call Sheet"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    def call_sheet(self):
        """Describe a call for who makes it.

        Texts are in the caller's language, the script in the customer's. Times are
        texts ``YYYY-MM-DD HH:MM:SS`` in UTC, except ``local_time``.

        :return: dict ``{"id", "name", "deadline", "is_late", "promised_at", "ticket",
            "story", "is_own_work", "answer", "contact", "contacts", "script",
            "attempts", "others", "choices", "reasons", "colleagues",
            "dispositions"}``; ``others`` is a list of dicts with the first nine of
            these keys, calls that this one settles too
        """
        self.ensure_one()
        self._check_caller()
        call = self.sudo()  # the caller may read the call, hence what it is about
        others = call._same_call(fields.Datetime.now()) - call
        # one of them may be about a ticket that is hidden from the caller
        others = others.sudo(False)._filtered_access("read").sudo()
        return call._sheet_subject() | {
            "contact": call._sheet_contact(),
            "contacts": call._sheet_contacts(),
            "script": call._sheet_script(),
            "attempts": call._sheet_attempts(),
            "others": [other._sheet_subject() for other in others],
            "choices": call._sheet_choices(),
            "reasons": call.env["service.quality.callback.reason"].search_read(
                [], ["name"], load=False
            ),
            "colleagues": call._sheet_colleagues(),
            "dispositions": call._sheet_dispositions(),
        }

    # ------------------------------------------------------------------
    # Parts of the sheet
    # ------------------------------------------------------------------

    def _sheet_subject(self):
        """Return what is asked about: a ticket, and what is known of it."""
        return {
            "id": self.id,
            "name": self.display_name,
            "deadline": _text(self.deadline),
            "is_late": self.is_late,
            "promised_at": _text(self.is_promised and self.next_call_at),
            "ticket": self._sheet_ticket(),
            "story": self._sheet_story(),
            "is_own_work": self.resolver_id == self.env.user,
            "answer": self._sheet_answer(),
        }

    def _sheet_answer(self):
        """Return what the customer answered in writing already, False for nothing."""
        answer = self._own_answers()[:1]
        if not answer:
            return False
        return {
            "at": _text(answer.at),
            "channel": answer._label("channel"),
            "solved": answer._label("solved"),
            "satisfaction": answer._label("satisfaction"),
            "reasons": ", ".join(answer.reason_ids.mapped("name")),
            "comment": answer.comment or "",
        }

    def _sheet_contact(self):
        partner, hours = self.partner_id, self._hours()
        now = fields.Datetime.now()
        local = fields.Datetime.context_timestamp(
            self.with_context(tz=str(hours.zone)), now
        )
        languages = dict(self.env["res.lang"].get_installed())
        lang = partner.lang or self.env.lang
        if not partner.sudo(False).has_access("read"):
            # one of another company: the ticket says what it is called
            partner = partner.browse()
        corrects = all(
            contact.sudo(False).has_access("read")
            for contact in self._numbered_contacts()
        )
        return {
            "id": partner.id,
            "name": partner.name or self.ticket_id.partner_name or "",
            "company": partner.commercial_company_name or "",
            "function": partner.function or "",
            "phone": partner.phone or "",
            "has_number": self._is_number(partner.phone),
            "is_correctable": corrects,  # as set_number checks it
            "email": partner.email or self.ticket_id.partner_email or "",
            "language": languages.get(lang, ""),
            "local_time": local.strftime("%H:%M"),
            "zone": str(hours.zone),
            "hours": f"{_clock(hours.start)}–{_clock(hours.end)}",
            "is_callable": is_callable(to_epoch(now), hours),
            "wish": partner.service_call_source or "",
        }

    def _sheet_contacts(self):
        """Return whom else of the customer one could call: whom the caller may read."""
        people = (
            self.env["res.partner"]
            .sudo(False)
            .search_fetch(
                [
                    ("commercial_partner_id", "=", self.commercial_partner_id.id),
                    ("commercial_partner_id", "!=", False),
                    ("type", "=", "contact"),
                    ("id", "!=", self.partner_id.id),
                ],
                ["name", "phone"],
                order="is_company, name, id",
                limit=CONTACTS,
            )
        )
        return [
            {"id": person.id, "name": person.name, "phone": person.phone or ""}
            for person in people
        ]

    def _sheet_ticket(self):
        ticket = self.ticket_id
        return {"id": ticket.id, "number": ticket.number, "name": ticket.name}

    def _sheet_story(self):
        """Tell the ticket in five lines: asked, done, by whom, when, last words."""
        ticket, _ = self.ticket_id, self.env._
        last = self.env["mail.message"].search(
            [
                ("model", "=", ticket._name),
                ("res_id", "=", ticket.id),
                ("message_type", "in", ("comment", "email")),
                ("subtype_id.internal", "=", False),
            ],
            order="id desc",
            limit=1,
        )
        solution = " · ".join(
            filter(None, (ticket.service_work_done, ticket.service_solution_id.name))
        )
        handled = fields.Datetime.context_timestamp(self, self.opened_at)
        return [
            {"label": _("Asked"), "text": _short(ticket.description) or ticket.name},
            {"label": _("Done"), "text": solution[:WORDS] or "–"},
            {
                "label": _("By"),
                "text": self.resolver_id.name or self.team_id.name or "–",
            },
            {"label": _("When"), "text": handled.strftime("%Y-%m-%d %H:%M")},
            {"label": _("Last words"), "text": _short(last.body) or "–"},
        ]

    def _sheet_script(self):
        script = self.env["service.quality.callback.script"]
        lang = self.partner_id.lang or self.env.lang
        return script.with_context(lang=lang)._for_callback(self)

    def _sheet_attempts(self):
        labels = dict(self.attempt_ids._disposition_selection())
        return [
            {
                "at": _text(attempt.at),
                "caller": attempt.user_id.name,
                "disposition": labels[attempt.disposition],
                "note": attempt.note or "",
            }
            for attempt in self.attempt_ids
        ]

    def _sheet_choices(self):
        """Return what the customer may answer, in the order of buttons."""
        return {
            name: [
                {"value": value, "label": label}
                for value, label in self._fields[name]._description_selection(self.env)
            ]
            for name in ("solved", "satisfaction")
        }

    def _sheet_dispositions(self):
        """Return what may come of the call besides answers, in the order of buttons."""
        dispositions = self.env["service.quality.callback.attempt"]._dispositions()
        return [
            {
                "value": code,
                "label": one.label,
                "outcome": one.outcome,
                "key": one.key,
                "icon": one.icon,
            }
            for code, one in dispositions.items()
            if code != "completed"
        ]

    def _sheet_colleagues(self):
        """Return who may follow up: who did the work, the department, the caller."""
        users = self.resolver_id | self.team_id.user_ids | self.env.user
        users = users.filtered(lambda user: user.active and not user.share)
        return [{"id": user.id, "name": user.name} for user in users]


def _text(moment):
    return fields.Datetime.to_string(moment) if moment else False


def _clock(minutes):
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _short(html):
    return html2plaintext(html or "").strip()[:WORDS]
