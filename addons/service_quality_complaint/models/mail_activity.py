from odoo import api, models
from odoo.exceptions import ValidationError


class MailActivity(models.Model):
    """An activity of a complaint marks its notice as read when it is done.

    People whom the complaint is hidden from cannot be assigned one.
    """

    _inherit = "mail.activity"

    @api.constrains("user_id", "res_model", "res_id")
    def _check_service_hidden(self):
        """Refuse a reminder that tells people of a complaint about them."""
        activities = self.filtered(
            lambda activity: (
                activity.res_model == "helpdesk.ticket" and activity.user_id
            )
        )
        # the rule is for everybody; most tickets are no complaints
        tickets = self.env["helpdesk.ticket"].sudo().browse(activities.mapped("res_id"))
        for ticket, activity in zip(tickets, activities, strict=True):
            if ticket.service_is_complaint and not ticket._service_visible_to(
                activity.user_id
            ):
                # who may not open it hears no more than that
                ticket.sudo(False).check_access("read")
                raise ValidationError(
                    self.env._(
                        "%(name)s is not to know of ticket %(number)s. Plan the "
                        "activity for somebody else.",
                        name=activity.user_id.name,
                        number=ticket.number,
                    )
                )

    def _action_done(self, feedback=False, attachment_ids=None):
        """Take note of the complaints that the user was told of by these."""
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        self.env["service.quality.complaint.notice"].sudo().search(  # one's own
            [("activity_id", "in", self.ids), ("user_id", "=", self.env.uid)]
        )._take_note()
        return result
