from odoo import api, models

TODO = "mail.mail_activity_data_todo"


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["mail.activity", "service.quality.hidden.mixin"]

    @api.model
    def _service_plan(self, todos, kind=TODO, mails=False, **values):
        """Plan things to do in one go, each in the language of who is to do it.

        No mail is written for each of them: a month's end brings an owner many at once,
        which are seen among the activities.

        :param todos: list of (record, user, deadline as date, say), and in the end, if
            there are any, a dict of more values. ``user`` is empty for what anybody may
            do. ``say`` is given the record in the reader's language, and returns the
            summary.
        :param kind: identifier of the type of the activities
        :param mails: let Odoo write a mail about each
        :param values: more values of all
        :return: the activities
        """
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(kind)
        values |= {"activity_type_id": type_id, "automated": True}
        planner = self.with_context(mail_activity_quick_update=True)
        return (self if mails else planner).create(
            [values | self._service_prepare(*todo) for todo in todos]
        )

    @api.model
    def _service_prepare(self, record, user, deadline, say, values=None):
        company = record.company_id if "company_id" in record else self.env.company
        own = record.with_context(lang=company._service_lang(user))
        return {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "user_id": user.id,
            "date_deadline": deadline,
            "summary": say(own),
        } | (values or {})

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
