from . import (
    service_quality_purge,
    res_users,
    helpdesk_ticket_visit,
    ir_actions_report,
    service_quality_ledger_visit,
    service_quality_visit,
    service_quality_visit_part,
    service_quality_visit_phone,
    service_quality_visit_print,
    service_quality_visit_record,
    service_quality_visit_sheet,
    service_quality_visit_signing,
)
