import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Says *Voided* where a row of the ledger is, and nothing where it is not. */
export class VoidedField extends Component {
    static template = "service_quality_core.VoidedField";
    static props = { ...standardFieldProps };
}

registry.category("fields").add("service_voided", {
    component: VoidedField,
    displayName: _t("Voided"),
    supportedTypes: ["boolean"],
});
