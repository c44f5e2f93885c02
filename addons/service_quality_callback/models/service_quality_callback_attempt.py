from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from odoo.addons.service_quality_core.tools.phone import plain_number
from odoo.addons.service_quality_core.tools.selection import with_codes


class Disposition(NamedTuple):
    """A disposition says what came of a call, as AAPOR's Standard Definitions do.

    ``outcome`` is *reached* (who refuses was reached), *unanswered*, *bad_number*, or
    *promised*: who asks for another time has still to be asked. ``key`` and ``icon``
    are of the button of the caller's page, where no other button has the key.
    ``result`` is how a call ends whose customer was reached and answered no question.
    """

    label: str
    aapor: str
    outcome: str
    key: str = ""
    icon: str = "fa-phone"
    result: str = "refused"


def disposition_selection(records):
    """Return what may come of a call, for a selection."""
    return records.env["service.quality.callback.attempt"]._disposition_selection()


class ServiceQualityCallbackAttempt(models.Model):
    """An attempt records a call that was tried; it is not changed afterwards."""

    _name = "service.quality.callback.attempt"
    _description = "Follow-up Call Attempt"
    _order = "at desc, id desc"

    callback_id = fields.Many2one(
        "service.quality.callback",
        string="Follow-up Call",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="callback_id.company_id", store=True)
    at = fields.Datetime(string="When", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Caller",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty once staff was taken out of the record.",
    )
    disposition = fields.Selection(disposition_selection, required=True, readonly=True)
    outcome = fields.Selection(
        [
            ("reached", "Reached"),
            ("unanswered", "Not answered"),
            ("bad_number", "Bad number"),
            ("promised", "Call again as agreed"),
        ],
        compute="_compute_from_disposition",
        search="_search_outcome",
    )
    aapor_code = fields.Char(string="AAPOR Code", compute="_compute_from_disposition")
    number = fields.Char(string="Number Called", readonly=True)
    plain_number = fields.Char(
        compute="_compute_plain_number",
        store=True,
        help="By this the number is compared with others.",
    )
    is_other_number = fields.Boolean(
        string="To Another Number",
        readonly=True,
        help="The number was none of the contact's and of the customer's.",
    )
    note = fields.Text(readonly=True)
    recording_ref = fields.Char(
        string="Recording", readonly=True, help="Where the recording is found."
    )
    next_call_at = fields.Datetime(string="Next Call", readonly=True)

    _at_idx = models.Index("(at, id)")

    @api.depends("number")
    def _compute_plain_number(self):
        for attempt in self:
            attempt.plain_number = plain_number(attempt.number)

    @api.depends("disposition")
    def _compute_from_disposition(self):
        dispositions = self._dispositions()
        for attempt in self:
            found = dispositions.get(attempt.disposition)
            attempt.aapor_code = found.aapor if found else False
            attempt.outcome = found.outcome if found else False

    def _search_outcome(self, operator, value):
        if operator != "in":
            return NotImplemented
        codes = [code for outcome in value for code in self._codes(outcome)]
        return [("disposition", "in", codes)]

    # ------------------------------------------------------------------
    # Dispositions
    # ------------------------------------------------------------------

    @api.model
    def _dispositions(self):
        """Return what may come of a call; addons add theirs.

        :return: dict of code to :class:`Disposition`
        """
        _ = self.env._
        return {
            "completed": Disposition(_("Completed"), "1.1", "reached"),
            "refused": Disposition(
                _("Refused to answer"), "2.11", "reached", "r", "fa-hand-paper-o"
            ),
            "no_answer": Disposition(
                _("No answer"), "3.13", "unanswered", "a", "fa-bell-slash-o"
            ),
            "busy": Disposition(_("Busy"), "3.12", "unanswered", "b"),
            "powered_off": Disposition(
                _("Powered off"), "3.16", "unanswered", "o", "fa-power-off"
            ),
            "suspended": Disposition(
                _("Suspended or invalid number"),
                "4.3",
                "bad_number",
                "i",
                "fa-chain-broken",
            ),
            "wrong_number": Disposition(
                _("Wrong number"), "4.4", "bad_number", "w", "fa-times"
            ),
            "appointment": Disposition(
                _("Call again as agreed"),
                "2.20",
                "promised",
                "l",
                "fa-calendar-check-o",
            ),
        }

    @api.model
    def _codes(self, outcome):
        """Return the codes of the dispositions with an outcome, in their order."""
        return [
            code
            for code, found in self._dispositions().items()
            if found.outcome == outcome
        ]

    @api.model
    def _disposition_selection(self):
        """Return the dispositions as a selection; one that is gone shows its code."""
        names = {code: one.label for code, one in self._dispositions().items()}
        return with_codes(names, self._dispositions_in_use())

    @api.model
    @ormcache()
    def _dispositions_in_use(self):
        """Return the codes of the dispositions of all attempts there are."""
        table = SQL.identifier(self._table)
        found = self.env.execute_query(
            SQL("SELECT DISTINCT disposition FROM %s", table)
        )
        return tuple(sorted(code for (code,) in found))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("A call that was made stays on record as it was entered.")
            )
        return super().write(vals)

    def _erase(self, vals):
        """Write what takes the place of words that are erased on request."""
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        raise UserError(
            self.env._("A call that was made is part of the record and stays there.")
        )
