from odoo import Command, api, models
from odoo.fields import Domain

from .audit_data import FINDINGS

WEAK = "beyond"
"""The status of a figure that misses its goal beyond what is tolerated."""


class ServiceQualityAuditChecklist(models.AbstractModel):
    """Draws the questions of an audit from what is asked for, and from what is weak.

    They are written in the language of the company, as its report is. What is on the
    checklist already is not asked twice.
    """

    _name = "service.quality.audit.checklist"
    _description = "Checklist of an Audit"

    def _add_questions(self):
        """Add the questions that one audit lacks, in the order of their origin."""
        self.ensure_one()
        own = self.with_context(lang=self.company_id._service_lang())
        found = [
            *own._questions_of_findings(),
            *own._questions_of_clauses(),
            *own._questions_of_processes(),
            *own._questions_of_teams(),
            *own._questions_of_indicators(),
            *own._questions_of_standard(),
            *own._questions_of_itss(),
        ]
        known = {self._question_key(line) for line in self.line_ids}
        last = max(self.line_ids.mapped("seq"), default=0)
        fresh = [vals for vals in found if self._question_key(vals) not in known]
        self.line_ids = [
            Command.create(vals | {"seq": last + 10 * number})
            for number, vals in enumerate(fresh, 1)
        ]

    @api.model
    def _question_key(self, question):
        """Return what one question is about: the same is asked once.

        :param question: a line, or the values of one
        """
        names = (
            "service_clause_id", "service_process_id", "service_team_id",
            "service_indicator_id", "service_previous_id",
        )  # fmt: skip
        if isinstance(question, dict):
            about = [question.get(name) or False for name in names]
            topic, name = question["service_topic"], question["name"]
        else:
            about = [question[name].id for name in names]
            topic, name = question.service_topic, question.name
        return (topic, *about, "" if any(about) else name)

    # ------------------------------------------------------------------
    # What is asked for
    # ------------------------------------------------------------------

    def _questions_of_clauses(self):
        """Ask of each clause in the scope whether it is kept, and what shows it."""
        _ = self.env._
        cells = self._weak_cells()
        return [
            {
                "service_topic": "clause",
                "service_clause_id": clause.id,
                "name": f"{clause.code} {clause.name}: {clause.text or ''}"[:500],
                "service_guidance": "\n".join(
                    [
                        *(
                            _("Asked for: %s", obligation.name)
                            for obligation in clause.obligation_ids
                        ),
                        *(
                            _("In the register: %s", text)
                            for text in cells.get(clause, ())
                        ),
                    ]
                ),
            }
            for clause in self.service_clause_ids.sorted("sequence, code, id")
        ]

    def _weak_cells(self):
        """Return what the register says of clauses that were not kept.

        :return: dict of clause to list of texts
        """
        # the register is read for the auditors, by their clauses
        cells = self.env["service.quality.compliance"].sudo()
        found = cells.search(
            Domain("clause_id", "in", self.service_clause_ids.ids)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("date_to", ">=", self.service_date_from)
            & Domain("date_from", "<=", self.service_date_to)
            & Domain("state", "in", ("not_fulfilled", "overdue", "fulfilled_late")),
            order="date_from, id",
        )
        states = dict(cells._fields["state"]._description_selection(self.env))
        weak = {}
        for cell in found.with_context(lang=self.env.lang):
            text = f"{cell.obligation_id.name} {cell.label}: {states[cell.state]}"
            weak.setdefault(cell.clause_id, []).append(text)
        return weak

    def _questions_of_processes(self):
        """Ask of each link of delivery to follow drawn cases through it."""
        _ = self.env._
        return [
            {
                "service_topic": "process",
                "service_process_id": process.id,
                "name": _(
                    "%s: follow the drawn cases from their record to their end. Were "
                    "they recorded in full, classified, handled by those who may, in "
                    "the time agreed, and closed with the customer's consent?",
                    process.name,
                ),
                "service_guidance": _(
                    "Draw a sample of the link, and name the cases that were looked at."
                ),
            }
            for process in self.service_process_ids.sorted("id")
        ]

    def _questions_of_teams(self):
        """Ask of each department whether people know what is theirs to do."""
        _ = self.env._
        return [
            {
                "service_topic": "team",
                "service_team_id": team.id,
                "name": _(
                    "%s: do people know their duties, work by the procedures in force, "
                    "and keep their records?",
                    team.display_name,
                ),
            }
            for team in self.service_team_ids.sorted("id")
        ]

    # ------------------------------------------------------------------
    # What is weak
    # ------------------------------------------------------------------

    def _questions_of_findings(self):
        """Check each finding of the last audit again, one by one."""
        _ = self.env._
        last = self._last_audit()
        found = last.line_ids.filtered(lambda line: line.service_verdict in FINDINGS)
        labels = dict(found._fields["service_verdict"]._description_selection(self.env))
        return [
            {
                "service_topic": "finding",
                "service_previous_id": line.id,
                "service_process_id": line.service_process_id.id,
                "service_team_id": line.service_team_id.id,
                "name": _(
                    "Finding of %(audit)s (%(verdict)s): %(finding)s – is it put "
                    "right, and does that hold?",
                    audit=last.reference,
                    verdict=labels[line.service_verdict],
                    finding=line.service_finding,
                )[:500],
                "service_guidance": line.name,
            }
            for line in found
        ]

    def _questions_of_indicators(self):
        """Ask why the indicators are weak that missed their goal in this time."""
        _ = self.env._
        # figures of the whole company, which tell nothing of a person
        figures = self.env["service.quality.figure"].sudo()
        figures = figures.search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("scope", "=", "company")
            & Domain("goal_state", "=", WEAK)
            & Domain("date_from", "<=", self.service_date_to)
            & Domain("date_to", ">=", self.service_date_from),
            order="date_from, id",
        ).with_context(lang=self.env.lang)
        return [
            {
                "service_topic": "indicator",
                "service_indicator_id": indicator.id,
                "name": _(
                    "%s missed its goal. Is the cause known, and what was done?",
                    indicator.name,
                ),
                "service_guidance": "\n".join(
                    f"{one.period}: {one.value_text} ({one.goal_text or '–'})"
                    for one in own
                ),
            }
            for indicator, own in figures.grouped("indicator_id").items()
        ]

    # ------------------------------------------------------------------
    # What standards ask
    # ------------------------------------------------------------------

    @api.model
    def _questions_of_standard(self):
        """Return what ISO/IEC 20000-1 asks of internal audits, in our own words."""
        _ = self.env._
        return [
            {"service_topic": "standard", "name": name}
            for name in (
                _(
                    "Are audits planned ahead: how often, by which method, by whom, "
                    "and how they are reported?"
                ),
                _(
                    "Does the plan weigh what matters most, what has changed, and what "
                    "former audits found?"
                ),
                _("Is it written down what each audit covers and judges by?"),
                _("Were auditors chosen so that nobody judges their own work?"),
                _("Is the system as the company itself wants to have it?"),
                _("Does the system do what the standard asks for?"),
                _("Is what was agreed really done, and kept up to date?"),
                _("Do the managers concerned hear the results?"),
                _("Are the programme and the results kept as records?"),
                _(
                    "Were former findings put right without delay, and was it checked "
                    "that it worked?"
                ),
            )
        ]

    @api.model
    def _questions_of_itss(self):
        """Return the four elements of ITSS: people, resource, technology, process."""
        _ = self.env._
        return [
            {"service_topic": "itss", "name": name}
            for name in (
                _("People: are posts, deputies and the number of people as planned?"),
                _(
                    "People: do training, skills and appraisals fit the services that "
                    "are delivered?"
                ),
                _(
                    "Resource: are service desk, tools, spare parts and knowledge "
                    "there when they are needed?"
                ),
                _("Resource: are suppliers managed by what was agreed with them?"),
                _(
                    "Technology: are methods for finding, diagnosing and solving "
                    "faults developed and used?"
                ),
                _("Technology: are emergency plans made, tried out and improved?"),
                _(
                    "Process: are levels of service, incidents, problems, changes, "
                    "releases and configuration managed by procedures in force?"
                ),
                _(
                    "Process: are reports, information security and improvement part "
                    "of daily work, with figures?"
                ),
            )
        ]
