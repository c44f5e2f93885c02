from . import (
    personal_data,
    complaint_answer,
    complaint_refusal,
    phone_entry,
)
