import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("service_quality_desk.desk_blocks").add("complaints", {
    title: _t("Complaints open"),
    icon: "fa-bullhorn",
    color: "danger",
    empty: _t("No complaint is open"),
    hint: _t("A complaint stays here until it was answered and closed."),
    action: "service_quality_complaint.helpdesk_ticket_complaint_action",
});
