import { Component, onMounted, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DeadlineBadge } from "./deadline_badge";
import { isLoggedOut } from "../visits/outbox";
import { loadSignaturePad } from "./sign_dialog";
import { VisitDetail } from "./visit_detail";
import { STATES, cardKey, grouped, project, shortTime } from "../visits/visit_model";

const { DateTime, Duration } = luxon;

/** An engineer's day on a phone: where to go, and one visit at a time. */
export class MyVisits extends Component {
    static template = "service_quality_visit.MyVisits";
    static components = { Layout, VisitDetail, DeadlineBadge };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.outbox = useService("service_quality_outbox");
        this.waiting = useState(this.outbox.state);
        this.state = useState({ selected: null });
        // on a phone the place is better used by what there is to do
        this.display = { controlPanel: this.env.isSmall ? false : {} };
        onWillStart(async () => {
            await Promise.all([this.load(), this.outbox.ready, loadSignaturePad()]);
            const card = this.day.cards.find((one) => one.ticket_id === this.props.resId);
            this.state.selected = card ? cardKey(card) : null;
        });
        this.onVisible = () => document.hidden || this.load();
        onMounted(() => {
            document.addEventListener("visibilitychange", this.onVisible);
            this.stopListening = this.outbox.onSent((sent) => this.onSent(sent));
        });
        onWillUnmount(() => {
            document.removeEventListener("visibilitychange", this.onVisible);
            this.stopListening();
        });
    }

    get day() {
        return this.waiting.day;
    }

    get cards() {
        const { entries } = this.waiting;
        return this.day.cards.map((card) => {
            const key = cardKey(card);
            return project(card, entries.filter((entry) => entry.card === key));
        });
    }

    get groups() {
        return grouped(this.cards);
    }

    get selected() {
        return this.cards.find((card) => card.key === this.state.selected);
    }

    get statusText() {
        const count = this.waiting.entries.length;
        if (!this.waiting.isConnected) {
            return count
                ? _t("No connection. %s entries are kept on this phone and sent later.", count)
                : _t("No connection. What you enter is kept on this phone and sent later.");
        }
        if (this.waiting.trouble) {
            return _t("The server cannot take it now. It is kept on this phone and sent later.");
        }
        return "";
    }

    get moreText() {
        return _t("%s more open tickets are in the menu Tickets.", this.day.more);
    }

    get clockText() {
        const skew = this.waiting.skew || 0;
        if (!skew) {
            return "";
        }
        const minutes = Math.round(Math.abs(skew) / 60000);
        const off = Duration.fromObject({ minutes }).toFormat("h:mm");
        return skew > 0
            ? _t("The clock of this phone is %s h slow. Times are corrected by that.", off)
            : _t("The clock of this phone is %s h fast. Times are corrected by that.", off);
    }

    /** Log in, and come back to where the engineer is; what waits is kept meanwhile. */
    logIn() {
        const { pathname, search } = browser.location;
        const here = encodeURIComponent(pathname + search);
        browser.location.assign(`/web/login?redirect=${here}`);
    }

    stateOf(card) {
        return STATES[card.state];
    }

    time(moment) {
        return shortTime(moment, DateTime.fromMillis(this.outbox.now()));
    }

    /** Ask for the day; without a connection what is shown stays. */
    async load() {
        this.outbox.measure();
        try {
            await this.outbox.refresh(() =>
                this.orm.silent.call("service.quality.visit", "my_day")
            );
            if (!this.waiting.isConnected || this.waiting.isLoggedOut) {
                Object.assign(this.outbox.state, { isConnected: true, isLoggedOut: false });
                this.outbox.flush();
            }
        } catch (error) {
            const isLost = error instanceof ConnectionLostError;
            if (!isLost && !isLoggedOut(error)) {
                throw error;
            }
            Object.assign(this.outbox.state, {
                isConnected: !isLost,
                isLoggedOut: isLoggedOut(error),
            });
        }
    }

    /** Stay where the engineer is, and show what the server has made of it. */
    onSent({ entry, visitId }) {
        if (this.state.selected === entry.card) {
            this.state.selected = cardKey({ id: visitId });
        }
        this.load();
    }

    select(card) {
        this.state.selected = card.key;
        this.props.updateActionState?.({ resId: card.ticket_id });
    }

    back() {
        this.state.selected = null;
        this.props.updateActionState?.({ resId: undefined });
        this.load();
    }
}

registry.category("lazy_components").add("service_quality_visit.MyVisits", MyVisits);
