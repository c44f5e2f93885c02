from odoo import models
from odoo.fields import Domain


class ServiceQualitySurvey(models.Model):
    """Knows of follow-up calls: who was spoken to had to do with the service."""

    _inherit = "service.quality.survey"

    def _person_weights(self, customers):
        """Add the calls of the period in which a person was reached."""
        weights = super()._person_weights(customers)
        start, end = self._bounds()
        Call = self.env["service.quality.callback"].sudo()  # how many, no more
        groups = Call._read_group(
            Domain("company_id", "=", self.company_id.id)
            & Domain("ended_at", ">=", start)
            & Domain("ended_at", "<", end)
            & Domain("result", "in", ("completed", "refused"))
            & Domain("partner_id.commercial_partner_id", "in", customers.ids)
            & Domain("partner_id.is_company", "=", False),
            ["partner_id"],
            ["__count"],
        )
        for partner, count in groups:
            person = partner.sudo(False)
            weights[person] = weights.get(person, 0) + count
        return weights

    # ------------------------------------------------------------------
    # Major quality problems (regulation A4.2.4)
    # ------------------------------------------------------------------

    def _take_results(self):
        """Raise a nonconformity for each customer who is as dissatisfied as that.

        Only the figures of a closed survey raise one: those of before still move.
        """
        result = super()._take_results()
        for survey in self.filtered(lambda one: one.state == "closed"):
            survey._raise_major(
                [survey._prepare_major(line) for line in survey._major_lines()]
            )
        return result

    def _major_lines(self):
        """Return the figures of the customers who are as dissatisfied as that."""
        limit = self.sudo().company_id.service_survey_major_index  # a setting
        lines = self.sudo().result_ids  # of everybody, whoever closes it
        return lines.filtered(
            lambda one: (
                limit
                and one.kind == "customer"
                and one.has_value
                and one.value <= limit
            )
        )

    def _raise_major(self, vals_list):
        if not vals_list or not self.company_id._service_is_regulated():
            return self.env["mgmtsystem.nonconformity"]
        return self.env["mgmtsystem.nonconformity"]._service_raise(vals_list)

    def _prepare_major(self, line):
        """Return what a nonconformity about one customer is raised with."""
        own = self.with_context(lang=self.company_id._service_lang())
        customer = line.customer_id.name
        agreements = self.agreement_ids.filtered(
            lambda one: line.customer_id in one.partner_ids.commercial_partner_id
        )
        return {
            "source": self,
            "grade": "major",
            "key": f"{self._name},{line.customer_id.id}",
            "name": own.env._("Dissatisfied customer: %s", customer),
            "description": own.env._(
                "In %(survey)s the satisfaction index of %(customer)s is %(index)s of "
                "100 (%(count)s answers).",
                survey=self.name,
                customer=customer,
                index=f"{line.value:.1f}",
                count=line.count,
            ),
            "responsible": agreements.manager_id[:1] or self.user_id,
        }

    def _prepare_major_part(self, part):
        """Return what a nonconformity about one part is raised with."""
        own = self.with_context(lang=self.company_id._service_lang())
        return {
            "source": part,
            "company": part.company_id,
            "grade": "major",
            "name": own.env._("Major problem in the survey: %s", part.name),
            "description": own.env._(
                "%(survey)s: what customers say of %(name)s was judged a major quality "
                "problem. It stands in the part of the survey.",
                survey=self.name,
                name=part.name,
            ),
            "team": part.team_id,
            "responsible": part.user_id,
        }
