import psycopg2

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.service_quality_request import idempotent

ORIGINS = [("user", "Entered by hand"), ("rpc", "Sent by another program")]

KEY = ("indicator_id", "company_id", "project_id", "agreement_id")
"""Of what a value was measured; the dates say when."""

MAX_RECORDS = 500

VALUE_KEYS = (
    "indicator", "project", "date_from", "date_to", "value", "goal", "evidence",
    "reason",
)  # fmt: skip
"""What another program says of a value; see ``record_values``."""


class ServiceQualityMeasurement(models.Model):
    """Records a value that no ticket gives, such as availability.

    It says by what it is proved. Nothing is written over: a correction is a further
    value with its reason, and the first one stays, so that a figure that counted it
    can be counted again. Who proposes a correction does not decide on it: until the
    quality department does, the first value counts.
    """

    _name = "service.quality.measurement"
    _description = "Measured Value"
    _inherit = [
        "service.quality.steps.mixin",
        "service.quality.decision.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_to desc, indicator_id, id desc"
    _rec_name = "indicator_id"
    _check_company_auto = True

    indicator_id = fields.Many2one(
        "service.quality.indicator",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("source", "=", "measured")],
        check_company=True,
    )
    unit = fields.Selection(related="indicator_id.unit")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    project_id = fields.Many2one(
        "service.quality.project",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Empty: of the whole company.",
    )
    agreement_id = fields.Many2one(
        "service.quality.agreement",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('project_id', '=', project_id)] if project_id else []",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        index="btree_not_null",
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(
        string="To",
        required=True,
        help="The last day. The value counts in the period of this day.",
    )
    value = fields.Float(required=True, aggregator="avg", digits=(16, 4))
    goal = fields.Float(
        aggregator="avg",
        digits=(16, 4),
        help="What was promised for it, where the contract names a number of its own.",
    )
    evidence = fields.Char(help="Where it was read: a monitoring page, a log, a sheet.")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    reason = fields.Char(string="Corrected Because")
    origin = fields.Selection(ORIGINS, required=True, readonly=True, default="user")
    superseded_by_id = fields.Many2one(
        "service.quality.measurement",
        string="Corrected By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    superseded_at = fields.Datetime(
        string="Corrected At", readonly=True, copy=False, index="btree_not_null"
    )
    is_missed = fields.Boolean(
        compute="_compute_is_missed", store=True, help="Beyond its own goal."
    )

    # a correction that nobody has decided on
    proposed_value = fields.Float(readonly=True, copy=False, digits=(16, 4))
    proposed_reason = fields.Char(string="Because", readonly=True, copy=False)
    proposed_evidence = fields.Char(string="Proved By", readonly=True, copy=False)
    proposed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    proposed_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null")

    _period_idx = models.Index("(company_id, date_to) WHERE superseded_at IS NULL")
    _once_uniq = models.UniqueIndex(
        "(indicator_id, company_id, COALESCE(project_id, 0), "
        "COALESCE(agreement_id, 0), date_from, date_to) WHERE superseded_at IS NULL",
        "There is a value for these days already. Open it and correct it.",
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("project_id.partner_id", "agreement_id.partner_ids")
    def _compute_partner_id(self):
        for measurement in self:
            partner = (
                measurement.project_id.partner_id
                or measurement.agreement_id.partner_ids[:1]
            )
            measurement.partner_id = partner.commercial_partner_id

    @api.depends("value", "goal", "indicator_id.direction")
    def _compute_is_missed(self):
        for measurement in self:
            value, goal = measurement.value, measurement.goal
            lower = measurement.indicator_id.direction == "lower"
            measurement.is_missed = bool(goal) and (
                value > goal if lower else value < goal
            )

    @api.depends("indicator_id", "project_id", "date_from", "date_to")
    def _compute_display_name(self):
        for measurement in self:
            names = (
                measurement.indicator_id.name,
                measurement.project_id.name,
                measurement.date_to
                and f"{measurement.date_from} – {measurement.date_to}",
            )
            measurement.display_name = " · ".join(filter(None, names))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("indicator_id", "value", "evidence", "attachment_ids")
    def _check_proved(self):
        """Refuse what is impossible, is counted from tickets, or is not proved."""
        for measurement in self:
            indicator = measurement.indicator_id
            if indicator.source != "measured":
                raise ValidationError(
                    self.env._("%s is counted from tickets.", indicator.name)
                )
            measurement._check_share(indicator, measurement.value)
            if not measurement.evidence and not measurement.attachment_ids:
                raise ValidationError(
                    self.env._("Say where the value was read, or attach a file.")
                )
            measurement._service_check_says(["evidence"], LEAST_REASON)

    @api.model
    def _check_share(self, indicator, value):
        if indicator.unit == "percent" and not 0 <= value <= 100:
            raise ValidationError(
                self.env._("A share lies between 0 and 100. Correct the value.")
            )

    @api.constrains("attachment_ids")
    def _check_files(self):
        self.sudo().attachment_ids._service_check_evidence()  # of who measured

    @api.constrains("project_id", "agreement_id")
    def _check_agreement(self):
        """Refuse a value of one project under the agreement of another."""
        for measurement in self.filtered("project_id"):
            agreement = measurement.agreement_id
            if agreement and agreement.project_id != measurement.project_id:
                raise ValidationError(
                    self.env._(
                        "%(agreement)s is not of %(project)s. Choose an agreement of "
                        "the project, or none.",
                        agreement=agreement.display_name,
                        project=measurement.project_id.display_name,
                    )
                )

    @api.constrains("date_from", "date_to")
    def _check_days(self):
        if any(measurement.date_to < measurement.date_from for measurement in self):
            raise ValidationError(
                self.env._(
                    "A value is measured from a day to the same or a later one. "
                    "Correct one of the dates."
                )
            )
        if any(one.date_to > one.company_id._service_day() for one in self):
            raise ValidationError(
                self.env._("A value is entered when its last day has come.")
            )

    @api.constrains(*KEY, "date_from", "date_to", "superseded_at")
    def _check_overlap(self):
        """Refuse a second value for the same days, unless it corrects the first."""
        current = self.filtered(lambda measurement: not measurement.superseded_at)
        for measurement in current:
            others = self.search_count(  # batched: a few are entered at a time
                measurement._overlap_domain(), limit=1
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%s: there is a value for some of these days. Open it and "
                        "correct it, or choose other days.",
                        measurement.display_name,
                    )
                )

    def _overlap_domain(self):
        """Return the domain of other values of the same, for some of the same days."""
        self.ensure_one()
        return Domain.AND(
            [
                *(Domain(name, "=", self[name].id) for name in KEY),
                Domain("id", "!=", self.id),
                Domain("superseded_at", "=", False),
                Domain("date_from", "<=", self.date_to),
                Domain("date_to", ">=", self.date_from),
            ]
        )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Refuse to write over a value, and to take away what proves it."""
        if not self.env.su and vals.keys() - {"attachment_ids"}:
            raise AccessError(
                self.env._("A measured value stays. Correct it by its button.")
            )
        before = {measurement: measurement.attachment_ids for measurement in self}
        result = super().write(vals)
        if any(before[one] - one.attachment_ids for one in self):
            raise AccessError(
                self.env._("What proves a measured value stays. Attach further files.")
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        raise UserError(self.env._("A measured value stays on record. Correct it."))

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @idempotent
    def correct(self, value, reason, evidence=None, external_ref=None):
        """Propose to correct a value; it counts until a second person has decided.

        A later proposal takes the place of one on which nobody has decided.

        :param value: what it is, in the indicator's unit
        :param reason: why the first one was wrong
        :param evidence: where it was read; left out, where the first one was
        :param external_ref: the caller's own key; a repeat under it does nothing more
        :return: True
        :raise ValidationError: without a reason, for one or an evidence that says next
            to nothing, or for an impossible value
        :raise UserError: when it was corrected already
        """
        self.ensure_one()
        self.check_access("create")
        given = Arguments(self.env)
        value, reason = given.number("value", value), given.text("reason", reason)
        evidence = given.text("evidence", evidence) or self.evidence
        if not reason:
            raise ValidationError(self.env._("Say why the value is corrected."))
        self._service_check_said("reason", reason)
        self._service_check_said("evidence", evidence)
        self._check_share(self.indicator_id, value)
        self._check_current()
        # users do not write in a value
        self.sudo()._write_as_step(
            {
                "proposed_value": value,
                "proposed_reason": reason,
                "proposed_evidence": evidence,
                "proposed_by_id": self.env.uid,
                "proposed_at": fields.Datetime.now(),
            }
        )
        self._tell_proposal(lambda own: own.env._("Correction proposed"))
        self._ask_second_person()
        return True

    @api.model
    def record_values(self, records):
        """Take measured values from another program; sent twice, they are taken once.

        Each value is taken or refused by itself. Of two equal calls at once the later
        waits, and finds the values of the first.

        :param records: list of at most 500 dicts with no other keys than ``indicator``
            (its code), ``project`` (its code; left out: the whole company),
            ``date_from``, ``date_to`` (``YYYY-MM-DD`` by the company's calendar, the
            last day included), ``value`` and ``goal`` (numbers in the indicator's
            unit), ``evidence`` (text, where it was read), and ``reason`` where it
            corrects a value for the same days
        :return: list of dicts ``{"outcome", "id", "message"}`` in the same order;
            outcome is ``created``, ``unchanged``, ``proposed`` (a correction, which
            counts when a second person has decided) or ``refused``
        :raise AccessError: for who may not enter values
        :raise UserError: for no list, or more records than that
        """
        self.check_access("create")
        records = Arguments(self.env).entries("records", records)
        if len(records) > MAX_RECORDS:
            raise UserError(
                self.env._("Send a list of at most %s records.", MAX_RECORDS)
            )
        return [self._record_value(record) for record in records]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_confirm_correction(self):
        """Let the values that are proposed count in the place of the first ones.

        :raise AccessError: for who is not of the quality department, or has entered
            the value or proposed the correction
        :raise UserError: where nothing is proposed
        """
        self._ensure_some()
        self._decide_on_correction(lambda own: own.env._("Correction confirmed"))
        for measurement in self.sudo():  # users do not write over a value
            measurement._supersede()  # batched: one as a rule
        return True

    def action_refuse_correction(self):
        """Let the first values stand; see :meth:`action_confirm_correction`."""
        self._ensure_some()
        self._decide_on_correction(lambda own: own.env._("Correction refused"))
        self.sudo()._write_as_step(  # likewise
            {"proposed_value": 0, "proposed_at": False, "proposed_by_id": False}
        )
        return True

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _authors(self):
        """Return who proposed the correction as well."""
        return super()._authors() | self.proposed_by_id

    def _check_current(self):
        if self.superseded_at:
            raise UserError(self.env._("This value was corrected already."))

    def _tell_proposal(self, text):
        """Keep beside the value what was proposed, or became of it.

        :param text: function that gives it in the language of a record
        """
        for measurement in self.sudo():  # whoever proposed or decided it
            lang = measurement.company_id._service_lang()
            own = measurement.with_context(lang=lang)
            own._message_log(  # batched: one as a rule
                body=f"{text(own)}: {own.proposed_value:g}. {own.proposed_reason}"
            )

    def _ask_second_person(self):
        """Give the first of those who may decide on a correction that to do."""
        value = self.sudo()  # who proposes plans nothing for others
        value.activity_ids.unlink()
        user = value._second_persons().users[:1]
        value.env["mail.activity"]._service_plan(
            [
                (
                    value,
                    user,
                    self.company_id._service_day(),
                    lambda own: own.env._("Decide on the correction"),
                )
            ]
        )

    def _decide_on_correction(self, text):
        self.check_access("read")
        self._service_lock()
        for measurement in self:
            measurement._check_current()
            if not measurement.proposed_at:
                raise UserError(self.env._("No correction of this value is proposed."))
        self._decide_as_second_person(
            text(self), self.env._("The quality department decides on corrections.")
        )
        self._tell_proposal(text)
        self.sudo().activity_ids.unlink()  # whoever was to decide

    def _supersede(self):
        """Enter the value that is proposed as a further one."""
        now = fields.Datetime.now()
        self._write_as_step({"superseded_at": now})
        self.flush_recordset()  # before there is a second one for these days
        new = self._create_as_step(
            [
                self.copy_data()[0]
                | {
                    "origin": self.origin,
                    "value": self.proposed_value,
                    "reason": self.proposed_reason,
                    "evidence": self.proposed_evidence,
                    "attachment_ids": [Command.set(self.attachment_ids.ids)],
                }
            ]
        )
        self.env["service.quality.author"]._carry(self, new)
        self._write_as_step({"superseded_by_id": new.id, "proposed_at": False})

    # ------------------------------------------------------------------
    # Values of other programs
    # ------------------------------------------------------------------

    @api.model
    def _record_value(self, record):
        """Take one value; of a wrong one nothing is kept, and the message says why."""
        try:
            # batched: a value by itself is taken or refused
            with self.env.cr.savepoint():
                outcome, measurement_id = self._take_value(record)
        except UserError as error:
            return {"outcome": "refused", "id": False, "message": error.args[0]}
        except psycopg2.errors.UniqueViolation as error:
            # another call has just entered it: seen only from a fresh start
            raise ConcurrencyError(str(error)) from error
        return {"outcome": outcome, "id": measurement_id, "message": ""}

    @api.model
    def _take_value(self, record):
        values = self._read_record(record)
        domain = Domain("superseded_at", "=", False) & Domain.AND(
            Domain(name, "=", values.get(name, False))
            for name in (*KEY, "date_from", "date_to")
        )
        # also a value that the caller may not read is there
        known = self.sudo().search(domain, limit=1).with_env(self.env)
        if not known:
            made = self.create(values)
            # by which way it came is noted, not entered
            made.sudo()._write_as_step({"origin": "rpc"})
            return "created", made.id
        if known.value == values["value"]:
            return "unchanged", known.id
        known.correct(values["value"], record.get("reason"), values["evidence"])
        return "proposed", known.id

    @api.model
    def _read_record(self, record):
        """Read what another program sent.

        :raise ValidationError: that says which key is wrong
        """
        given, found = Arguments(self.env), {}
        record = given.mapping(self.env._("A record"), record, VALUE_KEYS)
        for key, model, field in (
            ("indicator", "service.quality.indicator", "indicator_id"),
            ("project", "service.quality.project", "project_id"),
        ):
            code = given.key(key, record.get(key))
            if not code and key == "project":
                continue
            match = code and self.env[model].search(  # batched: two of one record
                [
                    ("code", "=", code),
                    ("company_id", "in", (self.env.company.id, False)),
                ],
                limit=1,
            )
            if not match:
                raise ValidationError(
                    self.env._("There is no %(what)s %(code)s.", what=key, code=code)
                )
            found[field] = match.id
        return found | {
            "company_id": self.env.company.id,
            "date_from": given.date("date_from", record.get("date_from")),
            "date_to": given.date("date_to", record.get("date_to")),
            "value": given.number("value", record.get("value")),
            "goal": given.number("goal", record.get("goal") or 0),
            "evidence": given.field(
                "evidence", record.get("evidence"), self._fields["evidence"]
            ),
        }
