import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { STATUSES } from "../time/status";

/** The status of a service target as a badge with an icon and a word. */
export class StatusField extends Component {
    static template = xml`
        <span t-if="status" class="badge o_service_badge" t-attf-class="text-bg-{{ status.color }}">
            <i class="fa me-1" t-att-class="status.icon" aria-hidden="true"/><t t-out="status.label"/>
        </span>`;
    static props = { ...standardFieldProps };

    get status() {
        return STATUSES[this.props.record.data[this.props.name]];
    }
}

/** Says *Voided* where a row of the ledger is, and nothing where it is not. */
export class VoidedField extends Component {
    static template = xml`
        <span t-if="props.record.data[props.name]" class="badge text-bg-secondary o_service_badge">
            <i class="fa fa-ban me-1" aria-hidden="true"/>Voided
        </span>`;
    static props = { ...standardFieldProps };
}

registry.category("fields").add("service_status", {
    component: StatusField,
    displayName: _t("Status of a service target"),
    supportedTypes: ["selection"],
});
registry.category("fields").add("service_voided", {
    component: VoidedField,
    displayName: _t("Voided"),
    supportedTypes: ["boolean"],
});
