import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatCountdown } from "../time/duration";
import { STATUSES, statusAt } from "../time/status";
import { useTicking } from "../time/ticker";

/**
 * A deadline as a badge that counts down to it, and up once it has passed.
 *
 * The field named by the option ``state_field`` says how the target stood when the
 * record was read; that a deadline passes meanwhile shows without asking again.
 */
export class CountdownField extends Component {
    static template = "service_quality.CountdownField";
    static props = { ...standardFieldProps, stateField: { type: String, optional: true } };

    setup() {
        this.ticking = useTicking((now) => this.compute(now));
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    compute(now) {
        const deadline = this.value ? this.value.toSeconds() : null;
        const burning = this.props.record.data[this.props.stateField] || "running";
        const status = statusAt({ burning, deadline }, now);
        const isOver = ["met", "missed", "cancelled"].includes(status);
        const counts = deadline !== null && !isOver && status !== "paused";
        return {
            status,
            isOver,
            text: counts ? formatCountdown(Math.abs(deadline - now)) : "",
        };
    }

    get badge() {
        return STATUSES[this.ticking.status];
    }

    get date() {
        return this.value ? toLocaleDateTimeString(this.value) : "";
    }

    get title() {
        const label = this.badge.label;
        return this.value ? _t("%(label)s. Deadline: %(date)s", { label, date: this.date }) : label;
    }
}

export const countdownField = {
    component: CountdownField,
    displayName: _t("Countdown to a deadline"),
    supportedTypes: ["datetime"],
    supportedOptions: [
        {
            label: _t("Status field"),
            name: "state_field",
            type: "field",
            availableTypes: ["selection"],
        },
    ],
    isEmpty: () => false,
    extractProps: ({ options }) => ({ stateField: options.state_field }),
};

registry.category("fields").add("service_countdown", countdownField);
