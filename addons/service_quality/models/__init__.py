from . import (
    core,
    guest,
    desk,
    visit,
    escalation,
    indicator,
    callback,
    complaint,
    callback_complaint,
    report,
    regulation,
)
