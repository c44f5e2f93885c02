import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatCountdown } from "../time/duration";
import { STATUSES, statusAt } from "../time/status";
import { useTicking } from "../time/ticker";

/**
 * A service target as a badge that counts down to its deadline, and up once it has passed.
 *
 * It stands on the deadline, with the option ``state_field`` that names the status, or on
 * the status, with the option ``deadline_field``. The status is how the target stood when
 * the record was read; that its deadline passes meanwhile shows without asking again.
 */
export class CountdownField extends Component {
    static template = "service_quality_core.CountdownField";
    static props = {
        ...standardFieldProps,
        stateField: { type: String, optional: true },
        deadlineField: { type: String, optional: true },
    };

    setup() {
        this.ticking = useTicking((now) => this.compute(now));
    }

    get value() {
        return this.props.record.data[this.props.deadlineField || this.props.name];
    }

    compute(now) {
        const deadline = this.value ? this.value.toSeconds() : null;
        const stateField = this.props.stateField || this.props.name;
        const burning = this.props.record.data[stateField] || "none";
        const status = statusAt({ burning, deadline }, now);
        const isOver = ["met", "missed", "cancelled"].includes(status);
        const counts = deadline !== null && !isOver && status !== "paused";
        return {
            status,
            isOnlyDate: isOver && !this.props.deadlineField,
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
    supportedTypes: ["datetime", "selection"],
    supportedOptions: [
        {
            label: _t("Deadline field"),
            name: "deadline_field",
            type: "field",
            availableTypes: ["datetime"],
        },
        {
            label: _t("Status field"),
            name: "state_field",
            type: "field",
            availableTypes: ["selection"],
        },
    ],
    isEmpty: () => false,
    extractProps: ({ options }) => ({
        stateField: options.state_field,
        deadlineField: options.deadline_field,
    }),
};

registry.category("fields").add("service_countdown", countdownField);
