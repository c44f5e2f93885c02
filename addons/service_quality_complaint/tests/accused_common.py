from .complaint_common import ComplaintCase


class AccusedCase(ComplaintCase):
    """The complaint is about the head, who was mentioned before and after that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._user("ann_portal")
        cls.portal.group_ids = cls.env.ref("base.group_portal")
        cls.complaint = cls._complaint(name="Shouted at me", team_id=cls.centre.id)
        cls.complaint.message_subscribe(cls.contact.ids)
        cls.complaint._portal_ensure_token()
        cls.token = cls.complaint.access_token
        cls.before = cls._mention("What do you say to this?")
        cls.activity = cls.complaint.activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.head.id
        )
        cls.scheduled = cls._schedule_message()
        cls.attachment = cls.env["ir.attachment"].create(
            {
                "name": "letter.txt",
                "raw": b"Dear all",
                "res_model": cls.complaint._name,
                "res_id": cls.complaint.id,
            }
        )
        cls.duplicate = cls._ticket(duplicate_id=cls.complaint.id)
        cls.complaint.service_about_user_id = cls.head
        cls.after = cls._mention("We think it was her")
        cls.env.flush_all()
        cls.env.invalidate_all()
        cls.mine = cls.complaint.with_user(cls.head)

    @classmethod
    def _mention(cls, words):
        return cls.complaint.with_user(cls.chief).message_post(
            body=words,
            partner_ids=cls.head.partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    @classmethod
    def _schedule_message(cls):
        return (
            cls.env["mail.scheduled.message"]
            .with_user(cls.head)
            .create(
                {
                    "model": cls.complaint._name,
                    "res_id": cls.complaint.id,
                    "author_id": cls.head.partner_id.id,
                    "body": "I answer this myself",
                    "scheduled_date": "2099-01-01",
                }
            )
        )
