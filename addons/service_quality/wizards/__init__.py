from . import (
    core,
    desk,
    visit,
    indicator,
    complaint,
    callback_complaint,
    report,
)
