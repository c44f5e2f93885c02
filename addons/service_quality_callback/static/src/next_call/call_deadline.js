import { Component } from "@odoo/owl";
import { formatCountdown } from "@service_quality_core/time/duration";
import { STATUSES, statusAt } from "@service_quality_core/time/status";
import { useTicking } from "@service_quality_core/time/ticker";
import { deadlineOf } from "./call_model";

/** By when a call has to be made, ticking. */
export class CallDeadline extends Component {
    static template = "service_quality_callback.CallDeadline";
    static props = { subject: Object };

    setup() {
        this.ticking = useTicking((now) => this.compute(now));
    }

    compute(now) {
        const { subject } = this.props;
        const deadline = deadlineOf(subject);
        const burning = subject.is_late ? "late" : "running";
        return {
            status: statusAt({ burning, deadline }, now),
            left: deadline ? formatCountdown(Math.abs(deadline - now)) : "",
        };
    }

    get badge() {
        return STATUSES[this.ticking.status];
    }
}
