"""What follows from answers stands apart from them: together they are too long."""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .audit_data import LOOKED, NONCONFORMING
from .mgmtsystem_verification_line import ANSWER

IMPROVE_DAYS = 30

AUDIT = "mgmtsystem_nonconformity.nc_origin_internal_audit"
"""The origin of what an audit has found."""


class MgmtsystemVerificationLine(models.Model):
    """A finding becomes a nonconformity or an improvement; an answer is signed."""

    _inherit = "mgmtsystem.verification.line"

    # ------------------------------------------------------------------
    # What was said before
    # ------------------------------------------------------------------

    def _told_answers(self, names):
        """Return what answers say, as texts: dict of line to dict of field to text.

        :param names: of fields; those that are no part of an answer are left out
        """
        names = [name for name in (*ANSWER, "service_owner_id") if name in names]
        found = {}
        for line in self.sudo():  # what is kept is kept for who reads the audit
            found[line.id] = {name: line._told_value(name) for name in names}
        return found

    def _told_value(self, name):
        field, value = self._fields[name], self[name]
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        return value or ""

    def _tell_changed(self, before):
        """Keep in the audit what answers said before they were changed.

        :param before: what :meth:`_told_answers` returned
        """
        texts = {}
        for line in self.sudo():  # as above
            after = line._told_answers(before[line.id])[line.id]
            for name, old in before[line.id].items():
                if after[name] != old:
                    text = self.env._(
                        "%(question)s. %(field)s: “%(old)s” became “%(new)s”.",
                        question=line._short(),
                        field=self._fields[name]._description_string(self.env),
                        old=old,
                        new=after[name],
                    )
                    texts.setdefault(line.audit_id, []).append(text)
        for audit, told in texts.items():  # one: answers are written in one audit
            audit._message_log(body=Markup("<br/>").join(told))

    # ------------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------------

    def _measure_values(self):
        """Return the measure of an opportunity: an improvement of its owner."""
        self.ensure_one()
        day = self.company_id._service_day()
        return {
            "name": self.service_finding,
            "type_action": "improvement",
            "user_id": self.service_owner_id.id,
            "company_id": self.company_id.id,
            "service_team_id": self.service_team_id.id,
            "service_about_on": day,
            "date_deadline": day + timedelta(days=IMPROVE_DAYS),
        }

    def _measure_name(self):
        return f"{self.audit_id._words()}: {self._short()}"

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_not_awkward(self):
        """Refuse to drop or rewrite what is asked for what went wrong before."""
        asked = self.filtered(
            lambda line: line.service_previous_id or line.service_indicator_id
        )
        if asked:
            raise UserError(
                self.env._(
                    "“%s” is asked as an earlier finding, or a weak indicator, asks "
                    "for it. It stays as it was drawn. Where it does not apply, say so "
                    "with a reason.",
                    asked[0]._short(),
                )
            )

    def _raise_findings(self):
        """Make what follows from findings: nonconformities and improvements."""
        lines = self.filtered(
            lambda line: (
                line.service_verdict in NONCONFORMING
                and not line.service_nonconformity_id
            )
        )
        if lines:
            self._raise_nonconformities(lines)
        self.filtered(
            lambda line: line.service_verdict == "opportunity"
        )._commit_measures()

    @api.model
    def _raise_nonconformities(self, lines):
        """Raise the nonconformity of each finding, with everything filled in."""
        raised = self.env["mgmtsystem.nonconformity"]._service_raise(
            [line._prepare_nonconformity() for line in lines]
        )
        for line, nonconformity in zip(lines, raised, strict=True):
            line._write_as_step({"service_nonconformity_id": nonconformity.id})

    def _prepare_nonconformity(self):
        """Return what a nonconformity says about one finding."""
        own = self.with_context(lang=self.company_id._service_lang())
        _ = own.env._
        texts = [
            own.service_finding,
            _("Question: %s", own.name),
            _("Looked at: %s", own.service_evidence) if own.service_evidence else "",
        ]
        place = own.service_clause_id or own.service_process_id or own.service_team_id
        about = own.service_clause_id.code or f"{place._name}:{place.id}"
        return {
            "source": self,
            "grade": own.service_verdict,
            "name": f"{own.audit_id.reference}: {own._short()}",
            "description": "\n".join(filter(None, texts)),
            "key": f"audit:{about}" if place else f"audit.line:{own.id}",
            "team": own.service_team_id,
            "responsible": own.service_owner_id,
            "indicator": own.service_indicator_id,
            "origin": self.env.ref(AUDIT, raise_if_not_found=False),
        }

    @api.model
    def _looked_domain(self, company, start, end):
        """Return the domain of questions that were looked at in the audits of a year.

        An audit belongs to the year of its programme, else to that of its closing.

        :param start, end: naive UTC, the beginning of the year and its end
        """
        year = company._service_day(end - timedelta(seconds=1)).year
        free = Domain("audit_id.service_programme_id", "=", False) & Domain(
            "audit_id.closing_date", "<", end
        )
        return (
            Domain("audit_id.company_id", "=", company.id)
            & Domain("audit_id.service_phase", "=", "done")
            & Domain("audit_id.closing_date", ">=", start)
            & Domain("service_verdict", "in", LOOKED)
            & (Domain("audit_id.service_programme_id.year", "=", year) | free)
        )

    def _content(self):
        """Return what of one question the team signs."""
        self.ensure_one()
        return {
            "id": self.id,
            "topic": self.service_topic or "",
            "clause": self.service_clause_id.code or "",
            "process": self.service_process_id.id or None,
            "department": self.service_team_id.id or None,
            "question": self.name,
            "verdict": self.service_verdict or "",
            "evidence": self.service_evidence or "",
            "files": sorted(
                [file.name, file.checksum or ""] for file in self.service_attachment_ids
            ),
            "samples": sorted(self.service_sample_ids.ids),
            "tickets": sorted(self.service_ticket_ids.ids),
            "finding": self.service_finding or "",
            "owner": self.service_owner_id.id or None,
            "reason": self.service_reason or "",
            "looked_at_by": self.service_outsider_id.id or None,
            "auditor": self.service_auditor_id.id or None,
            "at": str(self.service_answered_at or ""),
        }
