from odoo import api, models


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["mail.activity", "service.quality.hidden.mixin"]

    @api.model
    def _service_plan(self, todos):
        """Plan things to do in one go, and write no mail for each of them.

        A month's end brings an owner many at once, which are seen among the activities.

        :param todos: list of (record, user, deadline as date, summary)
        """
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail.mail_activity_data_todo"
        )
        self.with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "activity_type_id": type_id,
                    "user_id": user.id,
                    "date_deadline": deadline,
                    "summary": summary,
                    "automated": True,
                }
                for record, user, deadline, summary in todos
            ]
        )

    def _service_hand_to(self, heir):
        """Give activities to another user, empty for all who see the record.

        What the heir has to do already is not planned for them twice.

        :return: those that the heir has now
        """
        if not heir:
            self.user_id = False
            return self.browse()
        same = ("res_model", "res_id", "activity_type_id", "summary")
        theirs = self.search(
            [
                ("user_id", "=", heir.id),
                ("res_model", "in", self.mapped("res_model")),
                ("res_id", "in", self.mapped("res_id")),
            ]
        )
        known = {tuple(one[name] for name in same) for one in theirs}
        twice = self.filtered(lambda one: tuple(one[name] for name in same) in known)
        twice.unlink()
        handed = self - twice
        handed.user_id = heir
        return handed
