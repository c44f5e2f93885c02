from odoo.tests import Form, tagged

from .common import ServiceQualityCase


@tagged("post_install", "-at_install")
class TestNewCompany(ServiceQualityCase):
    def test_zone_is_proposed_from_the_country(self):
        """Not the zone of who founds it: Shanghai for China, whoever enters it."""
        Company = self.env["res.company"].with_context(tz="Europe/Paris")
        china, chile = self.env.ref("base.cn"), self.env.ref("base.cl")
        company = Company.create({"name": "Ours in China", "country_id": china.id})
        self.assertEqual(company._service_tz(), "Asia/Shanghai")
        told = Company.create(
            {
                "name": "Ours in Xinjiang",
                "country_id": china.id,
                "service_tz": "Asia/Urumqi",
            }
        )
        self.assertEqual(told._service_tz(), "Asia/Urumqi")
        with Form(company) as form:
            form.country_id = chile
            self.assertEqual(form.service_tz, "America/Santiago")
