import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("service_quality_desk.desk_blocks").add("calls", {
    title: _t("Follow-up calls due"),
    icon: "fa-phone",
    color: "info",
    empty: _t("No customer waits for a call"),
    hint: _t("Each resolved ticket brings a call here, due within 24 hours."),
    action: "service_quality_callback.service_quality_callback_action",
});
