from collections import namedtuple

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.service_quality_indicator.models.service_quality_counting import (
    COUNTED,
)
from odoo.addons.service_quality_indicator.tools.statistics import is_few

from ..tools.survey_statistics import adjusted, possible_range
from .result_data import CLEAR, FACTS, MISSED, OWN_TICKETS, TICKETS

Fact = namedtuple("Fact", "rows of")
"""What the helpdesk knows of people.

``rows`` is a query of two columns, the id of a contact and a number; ``of`` says whose
contact it is: ``customer`` or ``person``.
"""


class ServiceQualitySurveySilence(models.AbstractModel):
    """Compares who did not answer with who did, by what the helpdesk knows of them.

    Who is content may be silent, and who is angry, too. How far the result may be off
    is told in words: whatever the silent would have said, and if they felt as those do
    who had the same experience.
    """

    _name = "service.quality.survey.silence"
    _description = "Who Did Not Answer a Survey"

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    @api.model
    def _fact_labels(self):
        """Return what each fact is called, by its code; addons add theirs."""
        lang = self.env.lang or "en_US"
        return {code: label._translate(lang) for code, label in FACTS.items()}

    @api.model
    def _facts(self, survey):
        """Return what is known of people in the period of a survey; addons add theirs.

        :return: dict of code to :data:`Fact`
        """
        start, end = survey._bounds()
        tickets = SQL(
            "helpdesk_ticket WHERE company_id = %s AND service_opened_at >= %s "
            "AND service_opened_at < %s",
            survey.company_id.id,
            start,
            end,
        )
        of_customer = SQL(
            "SELECT commercial_partner_id, count(*) FROM %s GROUP BY 1", tickets
        )
        of_person = SQL("SELECT partner_id, count(*) FROM %s GROUP BY 1", tickets)
        facts = {
            TICKETS: Fact(of_customer, "customer"),
            OWN_TICKETS: Fact(of_person, "person"),
        }
        if missed := self._missed(survey):
            facts[MISSED] = Fact(missed, "customer")
        return facts

    @api.model
    def _missed(self, survey):
        """Return how many promises to each customer were missed, as figures count."""
        indicator = self.env["service.quality.report.content"]._attainment()
        if not indicator:
            return None
        context = self.env["service.quality.counting"]._counting_context(
            survey.company_id, survey._period(), ("customer",)
        )
        return SQL(
            "SELECT partner.commercial_partner_id, count(*) FROM (%s) AS counted "
            "JOIN res_partner AS partner ON partner.id = counted.partner_id "
            "WHERE %s AND NOT hit GROUP BY 1",
            self.env["service.quality.formula"]._rows(indicator, context),
            COUNTED,
        )

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    @api.model
    def _count(self, survey, people):
        """Return what is known of those who answered, and of those who did not.

        :param people: the tables that the counting begins its queries with
        :return: list of dicts, one for each fact and whether it is so at all, with how
            many have answered and are silent, of both the total of what is known, and
            the scores of those who answered
        """
        facts = self._facts(survey)
        parts = [
            SQL(
                """
                SELECT %(code)s AS code, COALESCE(fact.value, 0) > 0 AS some,
                       count(*) FILTER (WHERE state = 'answered') AS answered,
                       count(*) FILTER (WHERE state <> 'answered') AS silent,
                       COALESCE(sum(fact.value) FILTER (WHERE state = 'answered'), 0)
                           ::float AS of_answered,
                       COALESCE(sum(fact.value) FILTER (WHERE state <> 'answered'), 0)
                           ::float AS of_silent,
                       count(person.score) AS scored,
                       COALESCE(sum(person.score), 0)::float AS total
                  FROM people
                  LEFT JOIN person ON person.contact_id = people.id
                  LEFT JOIN (%(rows)s) AS fact (partner_id, value)
                    ON fact.partner_id = people.%(column)s
                 WHERE people.is_drawn GROUP BY 2
                """,
                code=code,
                rows=fact.rows,
                column=SQL.identifier(
                    "customer_id" if fact.of == "customer" else "partner_id"
                ),
            )
            for code, fact in facts.items()
        ]
        return self.env.execute_query_dict(
            SQL("WITH %s %s", people, SQL(" UNION ALL ").join(parts))
        )

    @api.model
    def _prepare_lines(self, found, total):
        """Return the values of the figures about who is silent.

        The total is given what the index would be if the silent felt as those do who
        had the same experience.
        """
        lines = {}
        for row in found:
            line = lines.setdefault(
                row["code"],
                {
                    "kind": "silence",
                    "ref": 0,
                    "code": row["code"],
                    "key": f"silence:{row['code']}",
                    "count": 0,
                    "silent_count": 0,
                    "value": 0,
                    "silent_value": 0,
                    "has_value": True,
                },
            )
            line["count"] += row["answered"]
            line["silent_count"] += row["silent"]
            line["value"] += row["of_answered"]
            line["silent_value"] += row["of_silent"]
        for line in lines.values():
            line["has_value"] = bool(line["count"] and line["silent_count"])
            line["value"] /= line["count"] or 1
            line["silent_value"] /= line["silent_count"] or 1
        cells = [
            (
                row["total"] / row["scored"] if row["scored"] else None,
                row["scored"],
                row["answered"] + row["silent"] - row["scored"],
            )
            for row in found
            if row["code"] == MISSED
        ]
        value = adjusted(cells)
        if value is not None:
            total |= {"has_adjusted": True, "adjusted_value": value}
        return list(lines.values())

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    @api.model
    def _words(self, total, lines):
        """Say who did not answer, and how far the result may be off.

        :param total: the figure of everybody
        :param lines: the figures of what is known
        :return: list of sentences in the language of the context
        """
        _ = self.env._
        silent = total.asked - total.answered
        words = [
            _(
                "%(silent)s of %(asked)s people did not answer.",
                silent=silent,
                asked=total.asked,
            )
        ]
        if not silent:
            return [_("Everybody who was asked has answered: nobody is missing.")]
        words += [text for line in lines if (text := self._compared(line))]
        if not total.has_value:
            return words
        least, most = possible_range(
            total.value, total.count, total.asked - total.count
        )
        if is_few(total.count):
            words.append(
                _("So few have answered that one answer more may change the result.")
            )
            return words
        words.append(
            _(
                "Whatever they would have said, the index lies between %(least)s and "
                "%(most)s.",
                least=f"{least:.1f}",
                most=f"{most:.1f}",
            )
        )
        if total.has_adjusted:
            words.append(self._off(total))
        return words

    @api.model
    def _off(self, total):
        """Say how far the index is off if the silent feel as those who are alike."""
        _ = self.env._
        off = total.adjusted_value - total.value
        values = {
            "adjusted": f"{total.adjusted_value:.1f}",
            "value": f"{total.value:.1f}",
            "off": f"{abs(off):.1f}",
        }
        if abs(off) < 1:
            return _(
                "If they felt as those do who had as many missed service targets, it "
                "would be %(adjusted)s: by what the helpdesk knows, the result is not "
                "off.",
                **values,
            )
        if off < 0:
            return _(
                "If they felt as those do who had as many missed service targets, it "
                "would be %(adjusted)s and not %(value)s: the result is probably "
                "%(off)s points too good.",
                **values,
            )
        return _(
            "If they felt as those do who had as many missed service targets, it would "
            "be %(adjusted)s and not %(value)s: the result is probably %(off)s points "
            "too bad.",
            **values,
        )

    @api.model
    def _compared(self, line):
        """Say in what the silent differ, by one figure; nothing where they do not."""
        if not line.has_value or not (line.value or line.silent_value):
            return ""
        values = {
            "fact": line.name,
            "silent": f"{line.silent_value:.1f}",
            "answered": f"{line.value:.1f}",
        }
        text = self.env._(
            "%(fact)s: %(silent)s on average of those who did not answer, %(answered)s "
            "of those who did",
            **values,
        )
        if is_few(min(line.count, line.silent_count)):
            return self.env._("%s (too few to conclude from).", text)
        more, less = (
            max(line.value, line.silent_value),
            min(line.value, line.silent_value),
        )
        if more < CLEAR * less:
            return self.env._("%s: about the same.", text)
        return self.env._("%s: they differ.", text)
