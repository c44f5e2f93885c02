from . import (
    personal_data,
    complaint_answer,
    complaint_refusal,
    mail_compose_message,
    phone_entry,
)
