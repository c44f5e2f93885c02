from . import (
    service_quality_purge,
    res_users,
    service_quality_overview,
    service_quality_visit_phone,
    service_quality_visit_signing,
    service_quality_visit,
    service_quality_visit_part,
    service_quality_visit_sheet,
    helpdesk_ticket,
    ir_actions_report,
    service_quality_ledger,
    service_quality_evidence,
)
