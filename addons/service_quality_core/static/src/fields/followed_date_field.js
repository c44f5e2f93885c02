import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { DateTimeField, dateField } from "@web/views/fields/datetime/datetime_field";

/**
 * A date that other fields of the form depend on.
 *
 * When a typed day is left with Tab, the picker shows the day before it again while
 * the server still reckons, and takes the answer for what it shows. The record has
 * the right day; here the field follows the record.
 */
export class FollowedDateField extends DateTimeField {
    setup() {
        super.setup();
        useEffect(
            () => {
                this.state.value = this.getRecordValue();
            },
            () => [this.props.record.data[this.props.name]?.toISODate?.()]
        );
    }
}

registry
    .category("fields")
    .add("service_quality_date", { ...dateField, component: FollowedDateField });
