import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatHours, formatWords } from "../time/duration";

/** Seconds as hours and minutes. */
export class DurationField extends Component {
    static template = xml`<span class="text-nowrap" t-att-title="title" t-out="text"/>`;
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return formatHours(this.value);
    }

    get title() {
        return this.value ? formatWords(this.value) : "";
    }
}

export const durationField = {
    component: DurationField,
    displayName: _t("Duration (h:mm)"),
    supportedTypes: ["integer"],
    isEmpty: () => false,
};

registry.category("fields").add("service_duration", durationField);
registry.category("formatters").add("service_duration", formatHours);
