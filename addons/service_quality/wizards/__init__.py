from . import (
    core,
    desk,
    visit,
    indicator,
    callback,
    complaint,
    callback_complaint,
    report,
)
