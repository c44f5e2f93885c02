import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";

/**
 * Ask whether what was entered may be lost.
 *
 * @param {object} dialog service
 * @returns {Promise<boolean>}
 */
export function askToLeave(dialog) {
    return new Promise((resolve) => {
        dialog.add(
            ConfirmationDialog,
            {
                title: _t("Leave without saving?"),
                body: _t("What you entered about this call is not saved."),
                confirmLabel: _t("Leave"),
                confirm: () => resolve(true),
                cancelLabel: _t("Stay here"),
                cancel: () => resolve(false),
            },
            { onClose: () => resolve(false) }
        );
    });
}
