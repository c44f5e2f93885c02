from . import (
    core,
    guest,
    visit,
    callback,
    complaint,
    report,
)
