from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .evidence import Evidence, attached, of_company, within

BRIEF = timedelta(days=7)
"""Who held a role for less is named: it may have been given for one act."""


class ServiceQualityEvidence(models.AbstractModel):
    """Says which records and documents prove that obligations are kept.

    Addons add those of their own models.
    """

    _name = "service.quality.evidence"
    _description = "Evidence"

    @api.model
    def _evidences(self):
        """Return the rules of evidence by name: dict of code to label.

        An addon adds ``thing`` with its label and a method
        ``_evidence_thing(obligation, window)``, which takes the obligation and a
        :class:`~.evidence.Window` and returns an :class:`~.evidence.Evidence`.
        No tuples here: from a row of these the export of terms takes the names too.
        """
        _ = self.env._
        return {
            "tickets_recorded": _("Handled tickets with a record of the work"),
            "projects_agreed": _("Service projects with a signed agreement"),
        }

    @api.model
    def _find(self, code, obligation, window):
        """Return the :class:`~.evidence.Evidence` that a rule finds in a window.

        :return: None where there is no such rule, as when its addon is gone, or where
            the model whose records it asks for does not exist
        """
        rule = getattr(self, f"_evidence_{code}", None)
        found = rule and rule(obligation, window)
        return found if found and self.env.get(found.model) is not None else None

    @api.model
    def _asked(self, obligation, window):
        """Return who has to do what a rule finds missing, and the records of it.

        An addon says so by a method ``_asked_thing(obligation, window)`` beside
        ``_evidence_thing``, where it is not whoever has the role of the obligation.

        :return: (users, records), both empty where the role is asked
        """
        rule = getattr(self, f"_asked_{obligation.evidence}", None)
        if not rule:
            return self.env["res.users"], self.env["res.users"]
        return rule(obligation, window)

    @api.model
    def _documents(self, records):
        """Yield the files that prove what some records of one model say.

        An addon yields a :class:`~.evidence.Document` for each file of its own models,
        after those of ``super()``. They are handed over to the user of the environment,
        so they are read with no more than the rights of that user.
        """
        if records._name == "service.quality.agreement":
            for agreement in records:
                yield from attached(agreement, agreement.document_ids)
        elif records._name == "service.quality.project":
            for project in records:
                signed = project.agreement_ids.filtered(
                    lambda agreement: agreement.state != "draft"
                )
                yield from attached(project, signed.document_ids)

    @api.model
    def _remarks(self, evidence, window):
        """Return in words on what the cases rest that were done; addons add theirs.

        :param evidence: :class:`~.evidence.Evidence`
        :param window: :class:`~.evidence.Window`
        :return: list of texts, in the language of the company
        """
        own = self.with_context(lang=window.company._service_lang())
        opened = Domain("kind", "=", "opened")
        opened &= Domain("origin", "in", ("import", "migration"))
        brought = own._count_done(evidence, Domain("service_event_ids", "any", opened))
        if not brought:
            return []
        return [own.env._("of what was done, %s brought in by import", brought)]

    @api.model
    def _brief_holders(self, role, window):
        """Return in words who held a role for less than a week in a window.

        :return: list of a text in the language of the company, or of none
        """
        now = fields.Datetime.now()
        rows = self.env["service.quality.rectification"].search(
            Domain("company_id", "=", window.company.id)
            & Domain("res_model", "=", "res.users")
            & Domain("field_name", "=", "group_ids")
            & Domain("at", ">=", window.start - BRIEF)
            & Domain("at", "<=", now),
            order="at, id",
        )
        given, held = {}, []
        for row in rows:
            if row.new_value == role:
                given[row.res_id] = row.at
            elif row.old_value == role and row.res_id in given:
                held.append((row.res_id, given.pop(row.res_id), row.at))
        held += [(user_id, since, now) for user_id, since in given.items()]
        users = self.env["res.users"].browse(
            user_id
            for user_id, since, until in held
            if until - since < BRIEF
            and until >= window.start
            and since < window.closes()
        )
        if not users:
            return []
        own = self.with_context(lang=window.company._service_lang())
        text = own.env._(
            "%(role)s for less than %(days)s days: %(names)s",
            role=dict(own._roles())[role],
            days=BRIEF.days,
            names=", ".join(users.mapped("name")),
        )
        return [text]

    @api.model
    def _count_done(self, evidence, condition):
        """Return how many of the cases that were done are of certain tickets.

        :param condition: domain of tickets
        """
        Model = self.env[evidence.model].with_context(active_test=False)
        field = Model._fields.get("ticket_id")
        if field and field.comodel_name == "helpdesk.ticket" and field.store:
            condition = Domain("ticket_id", "any", condition)
        elif Model._name != "helpdesk.ticket":
            return 0
        return Model.search_count(evidence.done & condition)

    @api.model
    def _persons(self, company):
        """Return the names that are blacked out where evidence is handed over.

        They are those of staff, and of who has complained. Addons add theirs.

        :return: set of texts
        """
        users = self.env["res.users"].with_context(active_test=False).search([])
        complaints = self.env["helpdesk.ticket"].search(
            Domain("company_id", "=", company.id)
            & Domain("service_is_complaint", "=", True)
        )
        people = complaints.partner_id.filtered(lambda one: not one.is_company)
        return {*users.mapped("name"), *people.mapped("name")}

    @api.model
    def _judge_now(self, companies):
        """Have obligations judged before some case of them is none any more.

        The addon that judges them extends it.
        """

    @api.model
    def _nobody_holds(self, role, window):
        """Return in words that nobody held a role, in the language of the company."""
        own = self.with_context(lang=window.company._service_lang())
        return own.env._("Nobody held the role: %s", dict(own._roles())[role])

    @api.model
    def _roles(self):
        roles = self.env["service.quality.decision"]._fields["role"]
        return roles._description_selection(self.env)

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    @api.model
    def _evidence_tickets_recorded(self, obligation, window):
        """Return which handled tickets say what was done (regulation A3.6.1)."""
        due = (
            of_company(window)
            & within("closed_date", window)
            & Domain("service_phase", "in", ("resolved", "closed"))
        )
        done = due & self.env["helpdesk.ticket"]._service_recorded_domain()
        return Evidence("helpdesk.ticket", done, due)

    @api.model
    def _evidence_projects_agreed(self, obligation, window):
        """Return which running projects have a signed agreement (regulation A4.3.1).

        One that was signed here after the window, and was proved by no paper of
        before, is late.
        """
        due = (
            of_company(window)  # archiving a project does not end it: its dates do
            & (
                Domain("date_start", "=", False)
                | Domain("date_start", "<", window.following)
            )
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", window.first))
        )
        signed = (
            Domain("kind", "=", "sla")
            & Domain("state", "in", ("signed", "ended"))
            & Domain("date_start", "<", window.following)
            & (Domain("date_end", "=", False) | Domain("date_end", ">", window.first))
        )
        done = due & Domain("agreement_ids", "any", signed)
        proved = signed & Domain("proved_from", "<", window.following + window.grace)
        late = ~Domain("agreement_ids", "any", proved)
        projects = self.env["service.quality.project"].with_context(active_test=False)
        projects = projects.search(done & late)
        days = [
            min(project.agreement_ids.filtered_domain(signed).mapped("proved_from"))
            for project in projects
        ]
        return Evidence(
            projects._name,
            done,
            due,
            late=late,
            open=Domain.TRUE if window.has_just_begun() else Domain.FALSE,
            day=max(days, default=None),
        )
