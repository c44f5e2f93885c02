from . import (
    complaint,
    hotline,
    portal_complaint,
)
