from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import CarriedJson
from odoo.addons.service_quality_core.models.roles import ROLES
from odoo.addons.service_quality_core.tools.period import Period

from .obligation_data import (
    ANSWERABLE,
    COMPARED,
    COUNTED,
    MISSED,
    OPEN,
    PROVED,
    REASONS,
    SETTLED,
    STATES,
)


class ServiceQualityCompliance(models.Model):
    """Says how an obligation stands in one period of a company: the newest judgement.

    It is written by judging and by nothing else; here people find the evidence, and
    escalation rules find whom they remind.
    """

    _name = "service.quality.compliance"
    _description = "Compliance Register"
    _inherit = ["mail.thread", "mail.activity.mixin", "service.quality.due.mixin"]
    _order = "date_from desc, obligation_id, id"
    _check_company_auto = True

    _due_subject = "obligation"
    _due_sequence = 80
    _due_depends = ("state", "date_due", "overdue_since")

    obligation_id = fields.Many2one(
        "service.quality.obligation",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    clause_id = fields.Many2one(related="obligation_id.clause_id", store=True)
    regulation_id = fields.Many2one(
        related="obligation_id.regulation_id", store=True, index=True
    )
    role = fields.Selection(ROLES, string="Who", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Char(required=True, readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Until", required=True, readonly=True, help="The last day of the period."
    )
    date_due = fields.Date(
        string="Closes",
        readonly=True,
        help="The last day of the period and of the grace after it.",
    )
    label = fields.Char(string="Period", required=True, readonly=True)

    state = fields.Selection(STATES, string="Status", required=True, readonly=True)
    overdue_since = fields.Date(
        readonly=True,
        help="The first day on which it was found overdue; something missing is so "
        "before the period closes. It stays when it is made good.",
    )
    late_on = fields.Date(
        string="Fulfilled Late On",
        readonly=True,
        help="The day on which the last of what was late was done.",
    )
    repair_until = fields.Date(
        string="Can Be Made Good Until",
        readonly=True,
        help="Empty: at any time. After that day it is not fulfilled for ever.",
    )
    rules = CarriedJson(
        readonly=True,
        help="By which it is judged: as they were when it was first judged. A rule "
        "that is changed later holds for later periods.",
    )
    why = fields.Selection(REASONS, required=True, readonly=True)
    note = fields.Char(string="Reason", readonly=True)
    remark = fields.Char(
        string="Rests On",
        readonly=True,
        help="Of what was done: how many were brought in by import, were noted without "
        "a connection, or were done by who had only just been given the role.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    due_count = fields.Integer(string="Needed", readonly=True)
    done_count = fields.Integer(string="Done", readonly=True)
    missing_count = fields.Integer(string="Missing", readonly=True)
    late_count = fields.Integer(string="Done Late", readonly=True)
    lost_count = fields.Integer(string="Can Not Be Done Any More", readonly=True)
    open_count = fields.Integer(
        string="Not Due Yet",
        readonly=True,
        help="Of what is missing: what still has time of its own.",
    )
    missing_cases = CarriedJson(
        readonly=True,
        help="Of what fell due and was missing: the ids by model. One that is no case "
        "any more is missing still.",
    )
    judged_at = fields.Datetime(string="Last Judged", readonly=True)
    judgement_ids = fields.One2many(
        "service.quality.judgement", "compliance_id", string="Judgements"
    )

    _once_uniq = models.UniqueIndex(
        "(company_id, obligation_id, date_from)",
        "The obligation is judged once for each period.",
    )
    _open_idx = models.Index("(company_id, state) WHERE state IN ('due', 'overdue')")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("obligation_id", "label")
    def _compute_display_name(self):
        for cell in self:
            cell.display_name = f"{cell.obligation_id.display_name} · {cell.label}"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_evidence(self):
        """List what was done, as far as the reader may see it."""
        return self._action_rows("done")

    def action_open_due(self):
        """List all that fell due, as far as the reader may see it."""
        return self._action_rows("due")

    def action_open_missing(self):
        """List what fell due and was not done, as far as the reader may see it.

        Where a number is asked for, these are the records that do not count yet.
        """
        return self._action_rows("missing")

    def _action_rows(self, part):
        self.ensure_one()
        self.check_access("read")
        found = self._rows(part)
        if not found:
            whys = dict(self._fields["why"]._description_selection(self.env))
            raise UserError(
                self.env._("There are no records to list: %s", whys[self.why])
            )
        model, domain = found
        parts = {
            "done": self.env._("Done"),
            "due": self.env._("What Fell Due"),
            "missing": self.env._("Missing"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.display_name} · {parts[part]}",
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": list(domain),
            "context": {"active_test": False, "create": False},
            "help": self._empty_text(part),
        }

    def _empty_text(self, part):
        """Return what an empty list says, as HTML."""
        if part != "missing" or not self.missing_count:
            return False
        roles = dict(self._fields["role"]._description_selection(self.env))
        return Markup("<p class='o_view_nocontent_smiling_face'>%s</p><p>%s</p>") % (
            self.env._(
                "%(done)s of %(due)s done; the rest was not recorded",
                done=self.done_count,
                due=self.due_count,
            ),
            self.env._(
                "What is missing has no record yet. It is to be made by %(role)s "
                "for %(period)s.",
                role=roles[self.role],
                period=self.label,
            ),
        )

    def action_judge(self):
        """Judge the obligation again, for this and its other periods."""
        self._ensure_some()
        self.check_access("read")
        for company, cells in self.grouped("company_id").items():
            obligations = cells.obligation_id.sudo()  # no user writes judgements
            obligations._judge(company, everything=True)
        return True

    def action_waive(self):
        """Ask an executive that the obligation does not apply, and say why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("It does not apply"),
            "res_model": "service.quality.waiver",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_obligation_id": self.obligation_id.id,
                "default_company_id": self.company_id.id,
                "default_date_from": self.date_from,
                "default_date_to": self.date_to,
            },
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _rows(self, part):
        """Return the model and the domain of what was counted; None without evidence.

        :param part: ``done``, ``due`` or ``missing``
        """
        evidences = self._evidences()
        if not evidences:
            return None
        evidence = evidences[0]
        if part == "missing":
            evidence = next(filter(self._has_missing, evidences), evidence)
        due = evidence.done if evidence.due is None else evidence.due
        # a number is asked for: what is there and does not count yet
        open_ = evidence.candidates if evidence.due is None else due
        missing = open_ & ~evidence.done
        domains = {"done": evidence.done, "due": due, "missing": missing}
        return evidence.model, domains[part]

    def _evidences(self):
        """Return what was counted, each with the model of its cases; a list."""
        self.ensure_one()
        obligation, window = self._judged_by()
        found, evidences = window and obligation._evidence(window), []
        while found:
            evidences.append(found)
            found = found.also
        return evidences

    def _judged_by(self):
        """Return the obligation by its rules of then, and the window or None."""
        # how it is counted is read with the cell; the rows by their own rights
        obligation = self.obligation_id.sudo()  # see above
        obligation = obligation._under(self.rules)
        return obligation, obligation._window(self.company_id, self._period())

    def _has_missing(self, evidence):
        """Return True if a case is missing; of a number that is never known."""
        if evidence.due is None:
            return False
        Model = self.env[evidence.model].with_context(active_test=False)
        missing = evidence.due & ~evidence.done
        # what is counted is counted for everybody; it is listed by one's rights
        return bool(Model.sudo().search_count(missing, limit=1))

    def _judge_period(self):
        """Judge the obligation for this period alone."""
        self.ensure_one()
        self.obligation_id._judge(self.company_id, everything=True, only=self._period())

    def _period(self):
        return Period(self.kind, self.date_from)

    def _is_judged(self):
        """Return True if it was found done or missed, which a decision leaves so."""
        self.ensure_one()
        return self.state in MISSED or self.state in PROVED

    def _is_settled(self):
        """Return True if it was judged after its time, and nothing is open.

        What was withdrawn may come back.
        """
        self.ensure_one()
        last = fields.Datetime.to_datetime(self.date_due) + timedelta(days=2)
        is_closed = self.state in SETTLED and self.why != "withdrawn"
        return is_closed and self.judged_at >= last

    def _remember(self, values, today):
        """Return values of a judgement in view of what was judged before.

        What was missed and is done now was done late. What can never be done any more
        stays so once its period is over; and that something does not apply, is not
        supported, or is no case any more, takes back nothing that was missed.

        :param today: the day in the company's zone
        """
        if not self:
            return values | {"missing_cases": values["missing_cases"] or {}}
        if values["missing_cases"] is None:  # nothing was counted
            values = values | {"missing_cases": self.missing_cases or {}}
        state = values["state"]
        if self.state in MISSED and state == "not_supported":
            return values | self._kept()
        if self.state in MISSED and state.startswith("not_appl"):
            return values | {"state": self.state, "why": self.why}
        values = self._keep_cases(values, today)
        state = values["state"]
        if self.state == "not_fulfilled" and today > self.date_due:
            why = "withdrawn" if values["why"] == "withdrawn" else "lost"
            return values | {"state": self.state, "why": why}
        if self.overdue_since and state in PROVED:
            day = self.late_on or values["late_on"] or today
            return values | {
                "state": "fulfilled_late",
                "why": "late",
                "late_on": day,
                "late_count": max(values["late_count"], 1),
            }
        return values

    def _keep_cases(self, values, today):
        """Return values of a judgement in which nothing that was due is gone.

        A date, a status or a customer is changed in a moment, and changed back. So
        what was needed is needed still, and is missing unless it was done. Only a
        decision says that it does not apply.

        So is each single case that was missing: a done one does not stand for it.

        :param today: the day in the company's zone
        """
        known = values["due_count"] + values["gone_count"]
        due, done = self._due_before(), max(self.done_count, values["done_count"])
        due = max(due, known) if values["gone_count"] else due
        is_gone = values["state"] in COUNTED and values["due_count"] < due
        if not is_gone:
            return values
        if self.state in PROVED:  # it was made good
            return values | self._kept() if values["state"] == "nothing" else values
        is_enough = 100 * done >= self._goal_percent() * due
        if is_enough and not self.overdue_since:  # what is gone was not due yet
            return values
        counts = {
            "due_count": due,
            "done_count": done,
            "missing_count": max(due - done, 0),
            "lost_count": max(self.lost_count, values["lost_count"]),
        }
        if values["state"] in PROVED and is_enough:
            return values | counts
        is_lost = "not_fulfilled" in (self.state, values["state"]) or (
            self.repair_until and today > self.repair_until
        )
        is_late = self.overdue_since or today > self.date_due
        state = "not_fulfilled" if is_lost else "overdue" if is_late else "due"
        return values | counts | {"state": state, "why": "withdrawn"}

    @api.model
    def _find_missing(self, evidence, before):
        """Return which cases are due and missing, to be kept.

        Numbers alone would let one that is missing be changed for another, done one.
        What is done by making a record of another model is a number only.

        :param evidence: :class:`Evidence`, or None
        :param before: what :meth:`_missing_before` returned
        :return: dict of ``missing_cases``, ids by model, None where nothing was
            counted; and ``gone_count``: so many of those before are no cases any more
        """
        if evidence is None:
            return {"missing_cases": None, "gone_count": 0}
        found, gone_count = {}, 0
        while evidence and evidence.due is not None:
            if not evidence.done.is_false():
                Model = self.env[evidence.model].with_context(active_test=False)
                missing = evidence.due & ~evidence.done
                known = before.get(evidence.model, [])
                still = Model.search(evidence.due & Domain("id", "in", known))
                gone = set(known) - set(still.ids)
                ids = set(Model.search(missing).ids)
                if ids and not evidence.open.is_false():
                    ids -= set(Model.search(missing & evidence.open).ids)
                if ids or gone:
                    found[evidence.model] = sorted(ids | gone)
                gone_count += len(gone)
            evidence = evidence.also
        return {"missing_cases": found, "gone_count": gone_count}

    def _missing_before(self):
        """Return the cases that were missing when they were counted last.

        Those of a period that runs are kept once something of it was overdue.

        :return: dict of model to ids
        """
        if not self or not self._due_before():
            return {}
        return self.missing_cases or {}

    def _due_before(self):
        """Return how many cases were due when they were counted last.

        It is all of them once something was missed. Before that it is those without
        time of their own left that were there after the end of the period.
        """
        if self.overdue_since:
            return self.due_count
        judged = self.company_id._service_day(self.judged_at)
        return self.due_count - self.open_count if judged > self.date_to else 0

    def _goal_percent(self):
        rules = self.rules or {}
        return rules.get("goal_percent", self.obligation_id.goal_percent)

    def _kept(self):
        """Return how it stands, as values of a judgement."""
        return {name: self._raw(name) for name in COMPARED}

    def _prepare_state(self, values, today):
        """Return how it stands from now on, or a new one does.

        :param values: values of a judgement
        :param today: the day in the company's zone
        """
        is_missed = values["state"] in MISSED
        return {
            "overdue_since": self.overdue_since or (is_missed and today),
            "open_count": values["open_count"],
            "missing_cases": values["missing_cases"],
            **{name: values[name] for name in COMPARED},
        }

    def _raw(self, name):
        """Return a value as it is written."""
        value = self[name]
        return value.id if isinstance(value, models.BaseModel) else value

    def _prepare_judgement(self, values, now):
        return {
            "compliance_id": self.id,
            "obligation_id": self.obligation_id.id,
            "company_id": self.company_id.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "label": self.label,
            "judged_at": now,
            "sample": values["sample"] or False,
            **{name: values[name] for name in COMPARED},
        }

    # ------------------------------------------------------------------
    # Escalation
    # ------------------------------------------------------------------

    @api.model
    def _due_subject_label(self):
        return self.env._("Obligations")

    @api.model
    def _open_domain(self):
        return Domain("state", "in", OPEN)

    @api.model
    def _late_domain(self, day):
        found = Domain("overdue_since", "<=", fields.Date.add(day, days=1))
        overdue = Domain("state", "=", "overdue")
        return overdue & (Domain("date_due", "<=", day) | found)

    @api.model
    def _coming_domain(self, day):
        return self._late_domain(day) | Domain("state", "=", "due")

    def _due_on(self):
        """Return when it closes, or the day before it was found overdue earlier."""
        if self.state != "overdue" or not self.overdue_since:
            return self.date_due
        return min(self.date_due, fields.Date.subtract(self.overdue_since, days=1))

    def _comes_on(self, step):
        if step.trigger == "lead":
            due = self.filtered(lambda cell: cell.state == "due")
            return {cell: cell._lead_on() for cell in due | self._newest()}
        found = super()._comes_on(step)
        if step.trigger == "days":  # it has to be judged first
            return {cell: day for cell, day in found.items() if cell.state == "overdue"}
        return found

    def _newest(self):
        """Return those of the newest period of each obligation, in each state.

        Reminders of months that went by before the register was kept serve no one.
        """
        newest = self._read_group(
            Domain("obligation_id", "in", self.obligation_id.ids)
            & Domain("company_id", "in", self.company_id.ids)
            & self._open_domain(),
            ["obligation_id", "company_id", "state"],
            ["date_from:max"],
        )
        newest = {tuple(key): day for *key, day in newest}
        return self.filtered(
            lambda cell: (
                newest.get((cell.obligation_id, cell.company_id, cell.state))
                == cell.date_from
            )
        )

    def _lead_on(self):
        """Return the day on which the people who have to do it are reminded.

        It is so many days before it is due, the last one counted, or when something is
        found missing before that; but not before the obligation was judged at all, and
        where it has days after its period, not before these: until then there is
        nothing that could be done.
        """
        days = self.obligation_id.lead_days - 1
        lead = fields.Date.subtract(self.date_due, days=days)
        if self.date_due > self.date_to:
            lead = max(lead, fields.Date.add(self.date_to, days=1))
        if self.state == "overdue" and self.overdue_since:
            lead = min(lead, self.overdue_since)
        judged = self.company_id._service_day(
            min(self.judgement_ids.mapped("judged_at"))
        )
        return max(lead, judged)

    def _asked(self):
        """Return who has to do what is missing and the records of it, where known."""
        obligation, window = self._judged_by()
        if not window or not obligation._is_carried():
            return self.env["res.users"], self.env["res.users"]
        return self.env["service.quality.evidence"]._asked(obligation, window)

    def _answerable(self, members):
        """Return who has it in hand, else the role, or who stands in for that."""
        asked, _records = self._asked()
        if asked:
            return asked
        role = ANSWERABLE.get(self.role, self.role)
        return members(role) or members("quality") or members("executive")

    def _coming_text(self):
        """Name the obligation, and what is to be finished for it."""
        _users, records = self._asked()
        if not records:
            return super()._coming_text()
        names = ", ".join(records.mapped("display_name"))
        return f"{self.display_name}: {names}"

    def _overdue_text(self):
        return self.env._("Overdue: %s", self._coming_text())

    @api.model
    def _cells(self, obligations, company):
        """Return the cells of obligations in a company, by obligation and first day."""
        domain = Domain("obligation_id", "in", obligations.ids) & Domain(
            "company_id", "=", company.id
        )
        return {
            (cell.obligation_id, cell.date_from): cell for cell in self.search(domain)
        }
