"""The steps of a survey, apart from what it is: how people are proposed and drawn."""

import secrets

from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.base import LEAST_REASON
from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.tools.draw import draw

from ..tools.sampling import allocate

MOST_PER_CUSTOMER = 3


class ServiceQualitySurvey(models.Model):
    """Leads a survey from its population to its feedback."""

    _inherit = "service.quality.survey"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_propose(self):
        """Propose who is asked: up to three people of each customer.

        :return: True
        :raise UserError: where no customer has an agreement in force in the period
        """
        self._check_quality()
        self._check_preparing()
        for survey in self:
            survey._propose()
        return True

    def action_freeze(self):
        """Freeze who is asked; of a sample the seed is recorded before it is drawn.

        :return: True
        :raise UserError: with what is wrong with the population
        """
        self._check_quality()
        self._check_preparing()
        for survey in self:
            survey._refuse_problems(survey._population_problems())
            survey._freeze()
        return True

    def action_draw(self):
        """Draw the sample, once: what was drawn stays.

        :return: True
        """
        self._check_quality()
        for survey in self:
            if survey.state != "ready" or survey.drawn_at:
                raise UserError(
                    self.env._("The sample is drawn once, after the people are frozen.")
                )
            survey._draw()
        return True

    def action_start(self):
        """Ask the people: from now on answers come in.

        :return: True
        :raise UserError: with what is wrong with the sample or the questionnaire
        """
        self._check_quality()
        for survey in self:
            if survey.state != "ready":
                raise UserError(self.env._("Freeze who is asked first."))
            survey._refuse_problems(
                survey._sample_problems() + survey._questionnaire_problems()
            )
            survey._write_as_step(
                {"state": "field", "started_at": fields.Datetime.now()}
            )
            survey._start_field()
        return True

    def action_close(self):
        """Take no more answers, and count those that came.

        :return: True
        """
        self._check_quality()
        for survey in self:
            if survey.state != "field":
                raise UserError(self.env._("Only a survey in the field is closed."))
            survey._stop_field()
            survey._write_as_step(
                {"state": "closed", "closed_at": fields.Datetime.now()}
            )
            survey._take_results()
        return True

    def action_accept_coverage(self):
        """Judge that the result holds although few agreements are covered.

        :return: True
        :raise AccessError: for who is not a second person
        :raise UserError: without a reason, or where enough are covered
        """
        self._ensure_some()
        self.check_access("read")
        for survey in self:
            if survey.state not in ("closed", "done") or not survey._lacks_coverage():
                raise UserError(
                    self.env._("A closed survey with few agreements covered is judged.")
                )
            survey._service_check_says(["coverage_note"], LEAST_REASON)
        self._decide_as_second_person(
            self.env._("Result accepted although few agreements are covered"),
            self.env._("Somebody else of the quality department judges it."),
        )
        # who judges need not write surveys
        self.sudo()._write_as_step(
            {
                "coverage_accepted_at": fields.Datetime.now(),
                "coverage_accepted_by_id": self.env.uid,
            }
        )
        return True

    def action_finish(self):
        """State that the result is fed back to all whom it concerns.

        :return: True
        :raise UserError: with what is missing
        """
        self._check_quality()
        for survey in self:
            if survey.state != "closed":
                raise UserError(self.env._("Close the survey first."))
            survey._refuse_problems(
                survey._result_problems() + survey._feedback_problems()
            )
            survey._write_as_step(
                {"state": "done", "finished_at": fields.Datetime.now()}
            )
        return True

    def action_cancel(self):
        """End a survey without a result: no more is sent, and nothing counts.

        :return: True
        """
        self._check_quality()
        if any(survey.state not in ("draft", "ready", "field") for survey in self):
            raise UserError(self.env._("A closed survey is not cancelled any more."))
        self._stop_field()
        self._write_as_step({"state": "cancelled"})
        return True

    def action_view_contacts(self):
        """List the people."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_quality_survey.service_quality_survey_contact_action"
        )
        return action | {
            "domain": [("survey_id", "=", self.id)],
            "context": {"default_survey_id": self.id},
        }

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _check_quality(self):
        """Refuse the steps of a survey to everybody but the quality department."""
        self._ensure_some()
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(group_of("quality")):
            raise AccessError(self.env._("The quality department leads surveys."))

    def _refuse_problems(self, problems):
        if problems:
            raise UserError("\n".join(problems))

    # ------------------------------------------------------------------
    # Population
    # ------------------------------------------------------------------

    def _agreements_due(self):
        """Return the agreements with customers in force in the period of one survey."""
        self.ensure_one()
        return self.env["service.quality.agreement"].search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("kind", "=", "sla")
            & Domain("state", "in", ("signed", "ended"))
            & Domain("date_start", "<=", self.date_to)
            & (
                Domain("date_end", "=", False) | Domain("date_end", ">", self.date_from)
            ),
            order="id",
        )

    def _customers_of(self, agreements):
        """Return the customers of each agreement, within the filter of one survey.

        One for every customer has those who had tickets in the period.

        :return: dict of agreement to contacts that stand for companies
        """
        start, end = self._bounds()
        open_ones = agreements.filtered(lambda one: not one.partner_ids)
        callers = self.env["res.partner"]
        if open_ones:
            Ticket = self.env["helpdesk.ticket"].sudo()  # who had some, no more
            groups = Ticket._read_group(
                Domain("company_id", "=", self.company_id.id)
                & Domain("service_opened_at", ">=", start)
                & Domain("service_opened_at", "<", end)
                & Domain("commercial_partner_id", "!=", False),
                ["commercial_partner_id"],
            )
            callers = callers.union(*(partner for (partner,) in groups)).sudo(False)
        everybody = callers | agreements.partner_ids.commercial_partner_id
        wanted = everybody.filtered_domain(self._customer_domain())
        return {
            one: (one.partner_ids.commercial_partner_id or callers) & wanted
            for one in agreements
        }

    def _customers_due(self):
        """Return the customers that one survey is to reach."""
        found = self._customers_of(self._agreements_due())
        return self.env["res.partner"].union(*found.values())

    def _teams_served(self, customers):
        """Return which teams had tickets of each customer in the period.

        :return: dict of contact that stands for a company to teams
        """
        start, end = self._bounds()
        Ticket = self.env["helpdesk.ticket"].sudo()  # which teams, no more
        groups = Ticket._read_group(
            Domain("company_id", "=", self.company_id.id)
            & Domain("service_opened_at", ">=", start)
            & Domain("service_opened_at", "<", end)
            & Domain("commercial_partner_id", "in", customers.ids)
            & Domain("team_id", "!=", False),
            ["commercial_partner_id"],
            ["team_id:recordset"],
        )
        return {customer.sudo(False): teams.sudo(False) for customer, teams in groups}

    def _person_weights(self, customers):
        """Return how much each person of some customers had to do with the service.

        Addons add what they know of. From tickets of the period: who had most of them
        is the contact person.

        :return: dict of contact to number
        """
        start, end = self._bounds()
        Ticket = self.env["helpdesk.ticket"].sudo()  # how many, no more
        groups = Ticket._read_group(
            Domain("company_id", "=", self.company_id.id)
            & Domain("service_opened_at", ">=", start)
            & Domain("service_opened_at", "<", end)
            & Domain("partner_id.commercial_partner_id", "in", customers.ids)
            & Domain("partner_id.is_company", "=", False),
            ["partner_id"],
            ["__count"],
        )
        return {partner.sudo(False): count for partner, count in groups}

    def _propose(self):
        """Add people of the customers who have none yet."""
        self.ensure_one()
        by_agreement = self._customers_of(self._agreements_due())
        customers = self.env["res.partner"].union(*by_agreement.values())
        if not customers:
            raise UserError(
                self.env._(
                    "No customer has an agreement in force in this period. Sign one, "
                    "or choose other customers."
                )
            )
        customers -= self.contact_ids.customer_id
        weights = self._person_weights(customers)
        values = []
        for customer in customers:
            for role, person in self._people_of(customer, weights, by_agreement):
                values.append(
                    {"survey_id": self.id, "partner_id": person.id, "role": role}
                )
        contacts = self.env["service.quality.survey.contact"].create(values)
        contacts._write_as_step({"is_proposed": True})

    def _people_of(self, customer, weights, by_agreement):
        """Return who is proposed of one customer: pairs of role and contact."""
        people = customer.child_ids.filtered(
            lambda one: one.type == "contact" and not one.is_company
        )
        people |= self.env["res.partner"].union(
            *(one for one in weights if one.commercial_partner_id == customer)
        )
        people = people.filtered("active").sorted(
            lambda one: (-weights.get(one, 0), one.id)
        )
        signers = {
            agreement.signed_by_customer
            for agreement, partners in by_agreement.items()
            if customer in partners and agreement.signed_by_customer
        }
        signer = people.filtered(lambda one: one.name in signers)[:1]
        # the company's own address is read by who decides there
        decision = signer or customer
        found = [("decision", decision)] if decision.email or decision.phone else []
        others = (people - decision).filtered(lambda one: one.email or one.phone)
        found += zip(("contact", "user"), others, strict=False)
        return found[:MOST_PER_CUSTOMER] or [("decision", customer)]

    def _freeze(self):
        """Keep who is asked, as they are now."""
        by_agreement = self._customers_of(self._agreements_due())
        asked = self.contact_ids.customer_id
        agreements = self.env["service.quality.agreement"].union(
            *(one for one, partners in by_agreement.items() if partners & asked)
        )
        people = self.contact_ids.filtered(lambda one: not one.is_excluded)
        secret = self.contact_ids.sudo()  # nobody reads the secrets
        secret._freeze(by_agreement, self._teams_served(asked))
        values = {
            "state": "ready",
            "frozen_at": fields.Datetime.now(),
            "frozen_by_id": self.env.uid,
            "agreement_ids": [Command.set(agreements.ids)],
        }
        if self.is_sampled:
            # made up by neither Odoo nor the clock, and before anything is drawn
            values |= {"seed": secrets.token_hex(8), "method": self._method()}
        else:
            people._write_as_step({"is_drawn": True})
        self._write_as_step(values)

    # ------------------------------------------------------------------
    # Sample
    # ------------------------------------------------------------------

    def _method(self):
        """Say how the sample is drawn, so that anybody can repeat it."""
        own = self.with_context(lang=self.company_id._service_lang())
        return own.env._(
            "Of each stratum, in the order of their names, people are drawn by "
            "Python's random.Random(seed + '/' + stratum).sample of their sorted ids. "
            "How many: in proportion to its size by largest remainder, at least "
            "%(minimum)s; %(total)s together.",
            minimum=self.minimum_per_stratum,
            total=self._sampled_size(),
        )

    def _draw(self):
        people = self.contact_ids.filtered(lambda one: not one.is_excluded)
        strata = people.grouped(lambda one: one.stratum or "")
        sizes = {name: len(strata[name]) for name in sorted(strata)}
        shares = allocate(self._sampled_size(), sizes, self.minimum_per_stratum)
        drawn = []
        for name, size in shares.items():
            drawn += draw(f"{self.seed}/{name}", strata[name].ids, size)
        self.env["service.quality.survey.contact"].browse(drawn)._write_as_step(
            {"is_drawn": True}
        )
        self._write_as_step({"drawn_at": fields.Datetime.now()})
