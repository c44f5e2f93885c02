import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatWords } from "../time/duration";
import { STATUSES } from "../time/status";
import { toSeconds } from "./clock_model";

const { DateTime } = luxon;

/** What wall time is called in the row, in the legend and in the sum. */
export const PIECES = {
    worked: _t("worked"),
    closed: _t("closed hours"),
    waiting_customer: _t("waiting for customer"),
    waiting_third_party: _t("waiting for third party"),
    resolved: _t("resolved"),
    cancelled: _t("cancelled"),
    other: _t("held by others"),
};

const EVENT_ICONS = {
    opened: "fa-envelope-open-o",
    phase: "fa-random",
    assigned: "fa-user",
    reclassified: "fa-tag",
    responded: "fa-reply",
    updated: "fa-comment-o",
    arrived: "fa-map-marker",
    departed: "fa-sign-out",
    moved: "fa-building-o",
    deadline_set: "fa-hand-paper-o",
    voided: "fa-ban",
};

const STEPS_SHOWN = 6;

/** Of the whole row, in percent; a narrow screen needs more of it. */
const SIGN_WIDTH = 1.8;
const SIGN_WIDTH_SMALL = 5;

const format = (seconds) => toLocaleDateTimeString(DateTime.fromSeconds(seconds));

/** Move signs that would cover each other a little to the right. */
function spread(events, width) {
    let free = 0;
    for (const event of events) {
        event.left = Math.max(event.left, free);
        free = event.left + width;
    }
    return events;
}

/**
 * Place the timeline on a scale from the clock's start to its end, or to its deadline
 * where that still lies ahead.
 *
 * @param {object} timeline from ``service_timeline``
 * @param {number} signWidth of the sign of an event, in percent of the row
 */
export function layOut(timeline, signWidth = SIGN_WIDTH) {
    const start = toSeconds(timeline.start);
    const end = toSeconds(timeline.end);
    const deadline = toSeconds(timeline.clock.deadline);
    const last = Math.max(end, deadline || end, start + 1);
    const place = (seconds) => (100 * (Math.min(Math.max(seconds, start), last) - start)) / (last - start);
    const box = (from, to) => ({ left: place(from), width: Math.max(place(to) - place(from), 0) });
    return {
        start,
        last,
        deadline: deadline && deadline >= start ? place(deadline) : null,
        ahead: last > end ? box(end, last) : null,
        pieces: timeline.pieces.map(([from, to, label]) => ({
            label,
            from: toSeconds(from),
            to: toSeconds(to),
            ...box(toSeconds(from), toSeconds(to)),
        })),
        holders: timeline.holders.map((holder) => ({
            ...holder,
            ...box(toSeconds(holder.start), toSeconds(holder.end)),
        })),
        events: spread(
            timeline.events
                .map((event) => ({ ...event, seconds: toSeconds(event.at) }))
                .filter(({ seconds }) => seconds >= start && seconds <= last)
                .map((event) => ({ ...event, left: place(event.seconds) })),
            signWidth
        ),
    };
}

/** Why a clock is the one, and where each of its seconds went. */
export class TimelineDialog extends Component {
    static template = "service_quality_core.TimelineDialog";
    static components = { Dialog };
    static props = { timeline: Object, close: Function };

    setup() {
        this.row = layOut(
            this.props.timeline,
            this.env.isSmall ? SIGN_WIDTH_SMALL : SIGN_WIDTH
        );
        this.state = useState({ allSteps: false });
    }

    get clock() {
        return this.props.timeline.clock;
    }

    get status() {
        return STATUSES[this.clock.burning];
    }

    get agreementText() {
        return this.clock.agreement || _t("House rule");
    }

    get title() {
        return `${this.clock.name} · ${this.clock.promise}`;
    }

    get sums() {
        return Object.entries(this.props.timeline.sums).map(([label, seconds]) => ({
            label,
            word: PIECES[label],
            text: formatWords(seconds),
        }));
    }

    get total() {
        const all = Object.values(this.props.timeline.sums);
        return formatWords(all.reduce((sum, seconds) => sum + seconds, 0));
    }

    get steps() {
        const { steps } = this.props.timeline;
        return this.state.allSteps ? steps : steps.slice(0, STEPS_SHOWN);
    }

    get moreSteps() {
        return this.props.timeline.steps.length - this.steps.length;
    }

    get deadlineTitle() {
        return _t("Deadline: %s", this.at(this.clock.deadline));
    }

    get moreText() {
        return _t("Show %s more", this.moreSteps);
    }

    iconOf(event) {
        return EVENT_ICONS[event.kind] || "fa-circle-o";
    }

    moment(seconds) {
        return format(seconds);
    }

    at(text) {
        return format(toSeconds(text));
    }

    pieceTitle({ label, from, to }) {
        return _t("%(what)s, %(duration)s: %(from)s to %(to)s", {
            what: PIECES[label],
            duration: formatWords(to - from),
            from: format(from),
            to: format(to),
        });
    }

    eventTitle(event) {
        return [format(event.seconds), event.label, event.summary].filter(Boolean).join(" · ");
    }

    holderTitle(holder) {
        return [holder.holder, holder.phase].filter(Boolean).join(" · ");
    }
}
