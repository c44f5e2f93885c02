import { Component, xml } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { formatCountdown } from "@service_quality_core/time/duration";
import { STATUSES, statusAt } from "@service_quality_core/time/status";
import { useTicking } from "@service_quality_core/time/ticker";

/** What falls due next of a ticket, as a badge that ticks. */
export class DeadlineBadge extends Component {
    static template = xml`
        <span
            t-if="ticking.status !== 'none'"
            class="badge o_service_badge flex-shrink-0"
            t-attf-class="text-bg-{{ badge.color }}"
        >
            <i class="fa me-1" t-att-class="badge.icon" aria-hidden="true"/>
            <t t-out="badge.label"/>
            <span t-if="ticking.text" class="o_service_ticking ms-1" t-out="ticking.text"/>
        </span>`;
    static props = {
        deadline: [String, Boolean],
        burning: String,
        skew: { type: Number, optional: true }, // by how much the phone is slow (ms)
    };
    static defaultProps = { skew: 0 };

    setup() {
        this.ticking = useTicking((now) =>
            this.compute(now + Math.round(this.props.skew / 1000))
        );
    }

    compute(now) {
        const { burning } = this.props;
        const deadline = this.props.deadline
            ? deserializeDateTime(this.props.deadline).toSeconds()
            : null;
        const status = statusAt({ burning, deadline }, now);
        const counts = deadline !== null && status !== "paused";
        return { status, text: counts ? formatCountdown(Math.abs(deadline - now)) : "" };
    }

    get badge() {
        return STATUSES[this.ticking.status];
    }
}
