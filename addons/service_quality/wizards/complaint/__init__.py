from . import (
    complaint_answer,
    complaint_refusal,
    phone_entry,
)
