import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("service_quality_desk.desk_blocks").add("loans", {
    title: _t("Loans"),
    icon: "fa-exchange",
    color: "info",
    empty: _t("Nothing is lent"),
    hint: _t("What customers have of ours."),
});
