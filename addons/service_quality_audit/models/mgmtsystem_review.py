import base64
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import html2plaintext

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End
from odoo.addons.service_quality_core.tools.form_text import weigh

MINUTES = "service_quality_audit.report_review"

VERDICTS = [
    ("yes", "Yes"),
    ("partly", "With changes"),
    ("no", "No"),
]

JUDGED = ("service_suitable", "service_adequate", "service_effective")
"""What a review judges, each with a reason in the field of the same name."""

FROZEN = {"date", "service_date_from", "service_date_to", "user_ids"}
"""What stays as it is once the inputs are frozen: the time, and who is there."""

SAID = (
    "service_direction", "conclusion", *(f"{name}_reason" for name in JUDGED),
)  # fmt: skip
"""The texts that are rectified once the review is closed."""

MEETING = {"name", "date", "user_ids"}
"""What of a review stands in the calendar."""

LASTS = timedelta(hours=1)

SIGN_DAYS = 14
"""Within so many days after the meeting a review is signed."""

CHATTER = ("message_", "activity_")


class MgmtsystemReview(models.Model):
    """A management review (管理评审): regulations A3.1.3, A4.1.2 and A4.2.3.

    Where a regulation is in force its inputs are found by queries and stay as they were
    at the meeting. People judge suitability, adequacy and effectiveness; each decision
    is a measure with an owner and a day; an executive who took part signs. Where none
    is, it is a review as the management system has it.
    """

    _name = "mgmtsystem.review"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.gated.mixin",
        "service.quality.decision.mixin",
        "service.quality.signature.mixin",
        "mgmtsystem.review",
    ]
    _order = "date desc, id desc"

    _second_roles = ("executive",)
    _service_settled = frozenset({"state", "date"})
    _not_authored = frozenset({"user_ids"})

    service_date_from = fields.Date(
        string="Looks Back From",
        default=lambda self: self._default_service_date_from(),
        help="The first day of what the review looks at.",
    )
    service_date_to = fields.Date(
        string="Looks Back Until",
        default=lambda self: self.env.company._service_day(),
        help="The last day of what the review looks at.",
    )
    service_input_ids = fields.One2many(
        "service.quality.review.input", "review_id", string="Inputs", copy=False
    )
    service_missing_count = fields.Integer(
        string="Missing Inputs", compute="_compute_service_missing_count"
    )
    service_event_id = fields.Many2one(
        "calendar.event",
        string="In the Calendar",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The meeting in the calendars of all who take part.",
    )
    service_frozen_at = fields.Datetime(
        string="Meeting Begun On",
        readonly=True,
        copy=False,
        help="From then on the inputs do not change.",
    )
    service_frozen_by_id = fields.Many2one(
        "res.users",
        string="Inputs Prepared By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    service_suitable = fields.Selection(
        VERDICTS,
        string="Suitable",
        copy=False,
        help="Does the service management fit what the company is for?",
    )
    service_suitable_reason = fields.Text(string="Suitability: Why", copy=False)
    service_adequate = fields.Selection(
        VERDICTS,
        string="Adequate",
        copy=False,
        help="Is there enough of it: people, means, rules?",
    )
    service_adequate_reason = fields.Text(string="Adequacy: Why", copy=False)
    service_effective = fields.Selection(
        VERDICTS,
        string="Effective",
        copy=False,
        help="Does it reach what was planned?",
    )
    service_effective_reason = fields.Text(string="Effectiveness: Why", copy=False)
    service_direction = fields.Text(
        string="Direction of Improvement",
        copy=False,
        help="Where the service is to become better until the next review.",
    )
    service_signed_by_id = fields.Many2one(
        "res.users",
        string="Signed By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    service_signed_at = fields.Datetime(string="Signed On", readonly=True, copy=False)
    service_minutes = fields.Binary(
        string="Minutes", readonly=True, copy=False, attachment=True
    )
    service_minutes_name = fields.Char(compute="_compute_service_minutes_name")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.model
    def _default_service_date_from(self):
        """Return the day after what the last review looked at, or one year ago."""
        company = self.env.company
        last = self.search(
            [("company_id", "=", company.id), ("service_signed_at", "!=", False)],
            order="service_date_to desc, id desc",
            limit=1,
        )
        if last.service_date_to:
            return fields.Date.add(last.service_date_to, days=1)
        return fields.Date.subtract(company._service_day(), years=1)

    @api.depends("service_input_ids.is_missing")
    def _compute_service_missing_count(self):
        for review in self:
            inputs = review.service_input_ids
            review.service_missing_count = len(inputs.filtered("is_missing"))

    @api.depends("reference")
    def _compute_service_minutes_name(self):
        for review in self:
            review.service_minutes_name = f"{review.reference}.pdf"

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("service_date_from", "service_date_to")
    def _check_service_dates(self):
        for review in self:
            first, last = review.service_date_from, review.service_date_to
            if review.service_is_gated and not (first and last and first <= last):
                raise ValidationError(
                    self.env._(
                        "Enter the first and the last day of what the review looks at, "
                        "in their order."
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Find the inputs at once, where a regulation holds."""
        reviews = super().create(self._with_company(vals_list))
        gated = reviews.filtered("service_is_gated")
        if any(review.state != "open" for review in gated):
            self._refuse_step("state")
        gated._follow_meeting()
        for review in gated:
            self.env["service.quality.review.input"]._gather(review)
        return reviews

    def write(self, vals):
        """Let steps alone close reviews where a regulation holds."""
        self._check_company_kept(vals)
        gated = self.filtered("service_is_gated")
        if gated:
            gated._check_steps(vals)
        result = super().write(vals)
        if vals.keys() & MEETING:
            gated._follow_meeting()
        return result

    def _follow_meeting(self):
        """Keep the meeting in the calendars of all who take part, until it begins."""
        for review in self.filtered(lambda one: not one.service_frozen_at):
            event = review.sudo().service_event_id  # whoever is its organiser
            values = review._prepare_meeting()
            if event:
                event.write(values)  # batched: one review is written
                continue
            event = event.create(values | {"user_id": self.env.uid})
            review._write_as_step({"service_event_id": event.id})

    def _prepare_meeting(self):
        """Return how the meeting of one review stands in the calendar."""
        return {
            "name": self.name,
            "start": self.date,
            "stop": self.date + LASTS,
            "partner_ids": [Command.set(self.user_ids.partner_id.ids)],
        }

    def _check_steps(self, vals):
        if "state" in vals and any(one.state != vals["state"] for one in self):
            self._refuse_step("state")
        moved = FROZEN & vals.keys()
        if moved and not self.env.su and any(self.mapped("service_frozen_at")):
            raise UserError(
                self.env._(
                    "The meeting has begun, and its inputs are frozen: its time is not "
                    "changed any more, nor who takes part."
                )
            )
        self._check_open(vals.keys() - set(SAID))

    def _check_open(self, names):
        """Refuse to change what is closed, but for what is rectified.

        :param names: of the fields that are written
        """
        written = {name for name in names if not name.startswith(CHATTER)}
        if self.env.su or not written:
            return
        closed = self.filtered(lambda one: one.service_is_gated and one.state == "done")
        if closed:
            raise UserError(
                self.env._(
                    "%s is closed, and stays as it is. Hold a new review.",
                    closed[0].display_name,
                )
            )

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "%s of a management review is not written by hand where a regulation is in "
            "force. It follows from the buttons: Begin the Meeting, Sign and Close.",
            label,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        if any(one.service_is_gated and one.service_frozen_at for one in self):
            raise UserError(self.env._("A review that was held stays in the record."))

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | dict.fromkeys(SAID, False)

    def _rectify_ended(self):
        """Return those that were signed; others were closed without a regulation."""
        return self.filtered("service_signed_at")

    def _rectify_ends(self):
        return {
            one: End(one.service_signed_at, one.service_signed_by_id) for one in self
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_service_gather(self):
        """Find the inputs again: what has happened since is among them.

        :raise UserError: once the meeting has begun
        """
        self._check_preparing()
        for review in self:
            self.env["service.quality.review.input"]._gather(review)
        return True

    def action_service_freeze(self):
        """Begin the meeting: the inputs stay as they are now.

        :raise UserError: before its day, and without an executive who takes part
        """
        self._check_preparing()
        for review in self:
            company = review.company_id
            if review.date > fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "The meeting begins on its day. Change the date if it is today."
                    )
                )
            event = review.sudo().service_event_id  # whoever is its organiser
            if event.start != review.date or not event._service_was_held():
                raise UserError(
                    self.env._(
                        "The meeting was not in the calendar before it began. Enter a "
                        "time to come: all who take part are asked to it."
                    )
                )
            if not review.user_ids:
                raise UserError(self.env._("Enter who takes part."))
            executives = company._service_role_users("executive")
            if executives and not executives & review.user_ids:
                raise UserError(
                    self.env._(
                        "An executive takes part in a management review. Add one of: "
                        "%s.",
                        ", ".join(executives.mapped("name")),
                    )
                )
            self.env["service.quality.review.input"]._gather(review)
        self._write_as_step(
            {
                "service_frozen_at": fields.Datetime.now(),
                "service_frozen_by_id": self.env.uid,
            }
        )
        self._ask_to_sign()
        return True

    def action_service_policy_reviews(self):
        """Open the periodic reviews of what is set out (A4.1.1) of the same time."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_regulation.service_quality_policy_review_action"
        )
        return action | {
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", fields.Date.to_string(self.service_date_from)),
                ("date", "<=", fields.Date.to_string(self.service_date_to)),
            ]
        }

    def button_close(self):
        """Sign and close: the minutes are kept, and decisions become measures.

        :raise AccessError: for who is no executive, or has written the review
        :raise ValidationError: with all that is missing
        """
        gated = self.filtered("service_is_gated")
        for review in gated:
            review._close_signed()
        rest = self - gated
        return super(MgmtsystemReview, rest).button_close() if rest else True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_preparing(self):
        self._ensure_some()
        self.check_access("write")
        for review in self:
            if not review.service_is_gated:
                raise UserError(
                    self.env._("No regulation is in force in this company.")
                )
            if review.service_frozen_at or review.state == "done":
                raise UserError(
                    self.env._("The meeting has begun, and its inputs are frozen.")
                )

    def _ask_to_sign(self):
        """Ask an executive who takes part to sign."""
        self.env["mail.activity"]._service_plan(
            [
                (
                    review,
                    (review._second_persons().users & review.user_ids)[:1],
                    fields.Date.add(review.company_id._service_day(), days=SIGN_DAYS),
                    lambda own: own.env._("Sign the management review: %s", own.name),
                )
                for review in self.sudo()  # who signs is asked for everybody
            ]
        )

    def _close_signed(self):
        """Let the user sign one review as the executive who took part in it."""
        self.check_access("read")
        refusal = self.env._("An executive signs a management review.")
        found = self._check_second_person(refusal)
        missing = self._missing(found[self].capacity)
        if missing:
            raise ValidationError(
                self.env._(
                    "The review cannot be closed yet:\n%s",
                    "\n".join(f"• {text}" for text in missing),
                )
            )
        self._decide_as_second_person(self.env._("Signed"), refusal)
        review = self.sudo()  # executives do not write
        review._write_as_step(
            {
                "state": "done",
                "service_signed_by_id": self.env.uid,
                "service_signed_at": fields.Datetime.now(),
            }
        )
        review.line_ids._carry_out()  # which measures it makes is signed, too
        self._sign("closed", self.env._("Management review"))
        review.activity_ids.filtered("automated").action_feedback()
        review._keep_minutes()

    def _missing(self, capacity):
        """List what keeps the review from being closed, in words.

        :param capacity: as what the user would sign
        """
        _ = self.env._
        if self.state == "done":
            return [_("It is closed already.")]
        missing = []
        if not self.service_frozen_at:
            missing.append(_("Begin the meeting first: the inputs are frozen then."))
        if capacity != "outsider" and self.env.user not in self.user_ids:
            missing.append(
                _("You did not take part in the review. Only a participant signs it.")
            )
        missing += [
            _("Input “%s” is missing: say why.", one.name)
            for one in self.service_input_ids
            if one.is_missing and weigh(one.note) < LEAST_REASON
        ]
        for name in JUDGED:
            label = self._fields[name]._description_string(self.env)
            if not self[name]:
                missing.append(_("%s: judge it.", label))
            elif weigh(self[f"{name}_reason"]) < LEAST_REASON:
                missing.append(_("%s: say why.", label))
        if weigh(self.service_direction) < LEAST_REASON:
            missing.append(_("Say in which direction the service is to improve."))
        if not self.line_ids:
            missing.append(_("Enter what was decided."))
        missing += [
            _("Decision “%s”: say who does it, and until when.", line.name)
            for line in self.line_ids
            if not line._is_promised()
        ]
        missing += [
            _("Decision “%s”: what it names is closed or cancelled.", line.name)
            for line in self.line_ids
            if line._is_over()
        ]
        return missing

    def _signed_content(self, meaning, part):
        """Return all that the minutes say: inputs, judgement and decisions."""
        self.ensure_one()
        return {
            "reference": self.reference,
            "name": self.name,
            "date": fields.Datetime.to_string(self.date),
            "service_date_from": fields.Date.to_string(self.service_date_from),
            "service_date_to": fields.Date.to_string(self.service_date_to),
            "user_ids": sorted(self.user_ids.ids),
            "service_input_ids": [
                [one.code, one.summary, one.rows, one.note or ""]
                for one in self.service_input_ids.sorted("id")
            ],
            **{name: self[name] or "" for name in JUDGED},
            **{name: str(self[name] or "") for name in ("policy", "changes", *SAID)},
            "line_ids": [line._signed() for line in self.line_ids.sorted("id")],
        }

    def _signed_labels(self):
        return {
            name: self._fields[name]._description_string(self.env)
            for name in self._signed_content("closed", 0)
        }

    def _keep_minutes(self):
        """Print the minutes in the language of the company, and keep exactly that."""
        report = self.env["ir.actions.report"]
        for review in self:
            # batched: a review is closed by itself
            content, _kind = report._render_qweb_pdf(MINUTES, review.ids)
            review._write_as_step({"service_minutes": base64.b64encode(content)})

    def _prepare_minutes(self):
        """Return what the page of the minutes shows: dict of values."""
        self.ensure_one()
        company = self.company_id or self.env.company
        lang = company._service_lang()
        review = self.with_context(lang=lang, tz=company._service_tz())
        verdicts = dict(
            review._fields["service_suitable"]._description_selection(review.env)
        )
        return {
            "review": review,
            "company": company,
            "tz": company._service_tz(),
            "digest": review.sudo().signature_ids[:1].digest,  # shown with the review
            "judged": [
                (
                    review._fields[name]._description_string(review.env),
                    verdicts.get(review[name], "–"),
                    review[f"{name}_reason"] or "",
                )
                for name in JUDGED
            ],
            "changes": html2plaintext(review.changes or "").strip(),
            "policy": html2plaintext(review.policy or "").strip(),
            "conclusion": html2plaintext(review.conclusion or "").strip(),
        }
