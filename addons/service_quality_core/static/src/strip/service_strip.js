import { Component, useState } from "@odoo/owl";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatCountdown, formatShort } from "../time/duration";
import { STATUSES, statusAt } from "../time/status";
import { useTicking } from "../time/ticker";
import { isClosedAt, percentAt, readClock, splitClocks, usedAt } from "./clock_model";
import { TimelineDialog } from "./timeline_dialog";

const { DateTime } = luxon;

/** Epoch seconds as date and time in a zone; the reader's own when none is given. */
export function formatMoment(seconds, zone) {
    return toLocaleDateTimeString(DateTime.fromSeconds(seconds), { tz: zone });
}

/** One service target of a ticket: how much of its time is used, and what is left. */
export class ClockCard extends Component {
    static template = "service_quality_core.ClockCard";
    static props = { clock: Object, onWhy: { type: Function, optional: true } };

    setup() {
        this.ticking = useTicking((now) => this.compute(now));
    }

    compute(now) {
        const { clock } = this.props;
        const status = statusAt(clock, now);
        const isTicking = ["running", "at_risk", "late"].includes(status) && clock.deadline;
        return {
            status,
            left: isTicking ? formatCountdown(Math.abs(clock.deadline - now)) : "",
            used: formatShort(usedAt(clock, now)),
            percent: Math.round(10 * percentAt(clock, now)) / 10,
            isClosed: status !== "paused" && isClosedAt(clock, now),
        };
    }

    get badge() {
        return STATUSES[this.ticking.status];
    }

    get name() {
        const { name, round, cycle } = this.props.clock;
        if (round > 1) {
            return _t("%(name)s no. %(number)s", { name, number: round });
        }
        return cycle > 1 ? _t("%(name)s, after reopening", { name }) : name;
    }

    get agreementText() {
        return this.props.clock.agreement || _t("House rule");
    }

    get usedText() {
        const promised = formatShort(this.props.clock.target_seconds);
        return _t("%(used)s of %(promised)s used", { used: this.ticking.used, promised });
    }

    get deadlineText() {
        const { clock } = this.props;
        return clock.deadline ? formatMoment(clock.deadline) : "";
    }

    get deadlineTitle() {
        const { deadline, zone, calendar } = this.props.clock;
        const there = deadline ? formatMoment(deadline, zone) : "";
        return _t("%(there)s in %(zone)s · %(calendar)s", { there, zone, calendar });
    }

    get isOver() {
        return ["met", "missed", "cancelled"].includes(this.ticking.status);
    }

    get overText() {
        const { clock } = this.props;
        const moment = clock.stopped_at || clock.judged_at;
        return moment ? formatMoment(moment) : "";
    }

    get pauseText() {
        const { pause, paused_at, running_since } = this.props.clock;
        if (running_since && this.ticking.status !== "paused") {
            return "";
        }
        if (!paused_at) {
            return pause || "";
        }
        if (running_since) {
            return _t("from %(since)s to %(until)s, %(why)s", {
                since: formatMoment(paused_at),
                until: formatMoment(running_since),
                why: pause,
            });
        }
        return _t("since %(since)s, %(why)s", { since: formatMoment(paused_at), why: pause });
    }
}

/** The strip of service targets on top of a ticket. */
export class ServiceStrip extends Component {
    static template = "service_quality_core.ServiceStrip";
    static components = { ClockCard };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({ unfolded: false });
    }

    get isExplained() {
        return Boolean(this.props.record.data[this.props.name]?.explained);
    }

    get clocks() {
        const strip = this.props.record.data[this.props.name];
        const clocks = strip ? strip.clocks.map((clock) => readClock(clock, strip.now)) : [];
        return splitClocks(clocks, this.env.isSmall ? 3 : 6);
    }

    moreText(count) {
        return _t("Show %s more", count);
    }

    async why(clock) {
        const ticketId = this.props.record.resId;
        const timeline = await this.orm.call("helpdesk.ticket", "service_timeline", [
            [ticketId],
            clock.id,
        ]);
        this.dialog.add(TimelineDialog, { timeline });
    }
}

registry.category("fields").add("service_strip", {
    component: ServiceStrip,
    displayName: _t("Service targets"),
    supportedTypes: ["json"],
    isEmpty: () => false,
});
