from odoo.tools import SQL

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase

NAMES = ("Ann", "Bea", "Cid"), ("Dan",), ("Eve",)


class SurveyCase(ServiceQualityCase):
    """Three customers with agreements, of whom the first has three people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._forget_surveys()
        cls.quality = cls._user("survey_quality", "quality")
        cls.second = cls._user("survey_second", "quality")
        cls.manager = cls._user("survey_manager", "service_manager")
        Partner = cls.env["res.partner"]
        cls.customers = Partner.create(
            [
                {
                    "name": name,
                    "is_company": True,
                    "email": f"all@{name.lower()}.example",
                }
                for name in ("Ash", "Birch", "Cedar")
            ]
        )
        cls.people = Partner.create(
            [
                {
                    "name": f"{customer.name} {first}",
                    "parent_id": customer.id,
                    "email": f"{first.lower()}@{customer.name.lower()}.example",
                    "phone": f"+49 30 55{customer.id % 100:02}{number}",
                    "lang": "en_US",
                }
                for customer, names in zip(
                    cls.customers,
                    (("Ann", "Bea", "Cid"), ("Dan",), ("Eve",)),
                    strict=True,
                )
                for number, first in enumerate(names)
            ]
        )
        cls.agreements = cls.env["service.quality.agreement"].union(
            *(
                cls._agreement(
                    {"metric": "resolution", "duration": 8},
                    {"metric": "first_response", "duration": 1},
                    name=f"Agreement of {customer.name}",
                    partner_ids=[(6, 0, customer.ids)],
                    date_start="2026-01-01",
                    manager_id=cls.manager.id,
                )
                for customer in cls.customers
            )
        )
        cls.Survey = cls.env["service.quality.survey"].with_user(cls.quality)

    @classmethod
    def _forget_surveys(cls):
        """Give the surveys of the story to another company, with what is of them."""
        other = cls.env["res.company"].create({"name": "Of the story"})
        for name, model in cls.env.registry.items():
            if not name.startswith("service.quality.survey") or not model._auto:
                continue
            if model._abstract or model._transient or "company_id" not in model._fields:
                continue
            if model._fields["company_id"].store:
                table = SQL.identifier(model._table)
                cls.env.cr.execute(
                    SQL("UPDATE %s SET company_id = %s", table, other.id)
                )
        cls.env.invalidate_all()

    @classmethod
    def _survey(cls, **values):
        """Return a survey of the three customers, with proposed people."""
        survey = cls.Survey.create(
            {"domain": f"[('id', 'in', {cls.customers.ids})]", **values}
        )
        survey.action_propose()
        return survey

    @classmethod
    def _frozen(cls, **values):
        survey = cls._survey(**values)
        survey.action_freeze()
        return survey
