from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.arguments import Arguments
from .service_quality_callback import SATISFACTION, SOLVED

DISSATISFIED = ("1", "2")

OUTCOME = (
    "callback_id", "solved", "satisfaction", "reason_ids", "comment", "wants_manager",
    "manager_date", "reopen", "follow_up_user_id", "follow_up_date",
)  # fmt: skip
"""What may be said of one call; see ``save_call``."""


class ServiceQualityCallback(models.Model):
    """What a caller enters, checked before anything is written."""

    _inherit = "service.quality.callback"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _read_outcomes(self, outcomes):
        """Return what was said as it is kept, from what a caller passed.

        :raise ValidationError: names the entry and what is wrong with it
        """
        given = Arguments(self.env)
        return [
            self._read_outcome(given, f"outcomes[{number}]", outcome)
            for number, outcome in enumerate(given.entries("outcomes", outcomes))
        ]

    @api.model
    def _read_outcome(self, given, name, outcome):
        outcome = given.mapping(name, outcome, OUTCOME)
        path = {key: f"{name}.{key}" for key in OUTCOME}
        model = self._name
        read = {
            "callback_id": given.record(
                path["callback_id"], outcome.get("callback_id"), model
            ).id,
            # a number does as well
            "satisfaction": str(outcome.get("satisfaction") or ""),
            "reopen": bool(outcome.get("reopen")),
        }
        for key in ("solved", "reason_ids", "comment", "wants_manager"):
            read[key] = given.field(path[key], outcome.get(key), self._fields[key])
        for key in ("manager_date", "follow_up_date"):
            value = outcome.get(key)
            read[key] = given.date(path[key], value) if value else False
        follower = outcome.get("follow_up_user_id")
        read["follow_up_user_id"] = bool(follower) and self._read_follower(
            given, path["follow_up_user_id"], follower
        )
        return read

    @api.model
    def _read_follower(self, given, name, user_id):
        user = given.record(name, user_id, "res.users").sudo()  # only who it may be
        if user.share or not user.active:
            raise ValidationError(
                self.env._(
                    "%s does not work here and cannot follow up. Choose somebody else.",
                    user.name,
                )
            )
        return user.id

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_disposition(self, disposition, outcomes, next_call_at):
        """Check what was entered; return the moment that was promised, if any."""
        given = Arguments(self.env)
        known = self.env["service.quality.callback.attempt"]._dispositions()
        given.choice("disposition", disposition, [(code, code) for code in known])
        if (disposition == "completed") != bool(outcomes):
            raise ValidationError(
                self.env._(
                    "What the customer said is entered for a completed call, and only "
                    "for one."
                )
            )
        if disposition not in self._codes("promised"):
            return None
        promised = given.moment("next_call_at", next_call_at)
        if not promised or promised <= fields.Datetime.now():
            raise ValidationError(
                self.env._("Enter when to call again, at a time that is still to come.")
            )
        return promised

    def _check_gap(self, disposition):
        """Refuse an attempt that comes too soon to be one more.

        Three within a minute are no evidence that a customer cannot be reached.
        """
        moment = fields.Datetime.now()
        call = self.sudo()  # the company's settings are not the caller's to read
        if disposition in self._codes("unanswered") and call._tried_just_before(moment):
            raise UserError(
                self.env._(
                    "This customer was called without an answer less than %(hours)g "
                    "hours ago. Call again later; if it was answered this time, enter "
                    "that.",
                    hours=call.company_id.service_call_gap,
                )
            )

    def _check_outcomes(self, asked, outcomes):
        """Return what was said by call.

        :param asked: the call whose customer was on the line
        :param outcomes: as :meth:`_read_outcomes` returns them
        :return: dict of call to what was said
        """
        named = {}
        for given in outcomes:
            call = self.filtered(
                lambda call, given=given: call.id == given["callback_id"]
            )
            if not call:
                raise ValidationError(
                    self.env._(
                        "A call that is not this customer's, or that somebody else has "
                        "in hand, cannot be ended here."
                    )
                )
            if call in named:
                raise ValidationError(
                    self.env._("%s is entered twice. Enter it once.", call.display_name)
                )
            call._check_outcome(given)
            named[call] = given
        if outcomes and asked not in named:
            raise ValidationError(
                self.env._("Enter what the customer said about %s.", asked.display_name)
            )
        return named

    def _check_outcome(self, given):
        problems = []
        if given["solved"] not in dict(SOLVED):
            problems.append(self.env._("whether it was solved"))
        if given["satisfaction"] not in dict(SATISFACTION):
            problems.append(self.env._("how satisfied the customer is, from 1 to 5"))
        elif given["satisfaction"] in DISSATISFIED and not given["reason_ids"]:
            problems.append(self.env._("what the customer is dissatisfied with"))
        if given["solved"] == "partly" and not (
            given["reopen"] or (given["follow_up_user_id"] and given["follow_up_date"])
        ):
            problems.append(self.env._("who follows up until when, or reopen"))
        if problems:
            raise ValidationError(
                self.env._(
                    "%(call)s was not saved. Still missing: %(problems)s.",
                    call=self.display_name,
                    problems=", ".join(problems),
                )
            )
