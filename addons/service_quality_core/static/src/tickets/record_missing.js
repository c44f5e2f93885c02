import { RedirectWarningDialog } from "@web/core/errors/error_dialogs";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** What a ticket lacks to go on, with a button that opens where to enter it. */
export class RecordMissingDialog extends RedirectWarningDialog {
    setup() {
        super.setup();
        const { action, button } = this.props.data.context;
        this.title = _t("Something Is Missing");
        this.actionId = action;
        this.buttonText = button;
    }
}

registry
    .category("error_dialogs")
    .add(
        "odoo.addons.service_quality.models.core.service_quality_ticket_work_mixin.RecordMissing",
        RecordMissingDialog
    );
