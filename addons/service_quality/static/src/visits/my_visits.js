import { Component, onMounted, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DeadlineBadge } from "./deadline_badge";
import { drafts } from "./drafts";
import { loadSignaturePad } from "./sign_dialog";
import { VisitDetail } from "./visit_detail";
import { STATES, cardKey, grouped, project, shortTime } from "./visit_model";

/** An engineer's day on a phone: where to go, and one visit at a time. */
export class MyVisits extends Component {
    static template = "service_quality.MyVisits";
    static components = { Layout, VisitDetail, DeadlineBadge };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.outbox = useService("service_quality_outbox");
        this.waiting = useState(this.outbox.state);
        this.state = useState({ cards: [], more: 0, selected: null, isLoaded: false });
        // on a phone the place is better used by what there is to do
        this.display = { controlPanel: this.env.isSmall ? false : {} };
        onWillStart(async () => {
            await Promise.all([this.load(), this.outbox.ready, loadSignaturePad()]);
            const card = this.state.cards.find((one) => one.ticket_id === this.props.resId);
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

    get cards() {
        const { entries } = this.waiting;
        return this.state.cards.map((card) => {
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
        return _t("%s more open tickets are in the menu Tickets.", this.state.more);
    }

    stateOf(card) {
        return STATES[card.state];
    }

    time(moment) {
        return shortTime(moment);
    }

    /** Ask for the day; without a connection what is shown stays. */
    async load() {
        try {
            const { cards, more } = await this.orm.silent.call("service.quality.visit", "my_day");
            this.outbox.day = { cards, more, isLoaded: true };
            Object.assign(this.state, this.outbox.day);
            if (!this.waiting.isConnected) {
                this.outbox.state.isConnected = true;
                this.outbox.flush();
            }
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.outbox.state.isConnected = false;
            // what was known when the list was left
            Object.assign(this.state, this.outbox.day);
        }
    }

    /** Show what the server has made of it, and stay where the engineer is. */
    async onSent({ entry, visitId }) {
        const key = cardKey({ id: visitId });
        drafts.move(entry.card, key);
        await this.load();
        if (this.state.selected === entry.card) {
            this.state.selected = key;
        }
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

registry.category("actions").add("service_quality_my_visits", MyVisits);
