from . import (
    core,
    guest,
    callback,
    complaint,
    report,
)
