from . import (
    service_quality_ledger,
    res_users,
    service_quality_overview,
    ir_websocket,
    service_quality_desk,
    service_quality_desk_nudge,
    service_quality_duty,
    service_quality_handover,
    service_quality_handover_line,
    service_quality_rectification,
    service_quality_evidence,
)
