import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { makeContext } from "@web/core/context";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatCountdown } from "@service_quality_core/time/duration";
import { STATUSES, statusAt } from "@service_quality_core/time/status";
import { useTicking } from "@service_quality_core/time/ticker";
import { Refresher } from "./refresher";

const CHANNEL = "service_quality_desk.desk";

const SCOPES = {
    mine: _t("My"),
    team: _t("My team's"),
    all: _t("All"),
};

/** How blocks look: ``title``, ``icon``, ``color``, what an empty one says (``empty``,
 * ``hint``), and the action whose list and form are opened, as they have more to offer
 * than the first views of a model. Addons add their own blocks. */
const deskBlocks = registry.category("service_quality_desk.desk_blocks");

deskBlocks.add("late", {
    title: _t("Late"),
    icon: "fa-exclamation-circle",
    color: "danger",
    empty: _t("Nothing is late"),
    hint: _t("A ticket comes here as soon as one of its deadlines has passed."),
    action: "service_quality_core.helpdesk_ticket_action",
});

deskBlocks.add("soon", {
    title: _t("Late within the hour"),
    icon: "fa-hourglass-half",
    color: "warning",
    empty: _t("Nothing falls due within the hour"),
    hint: _t("What is due next is on top of the list of tickets."),
    action: "service_quality_core.helpdesk_ticket_action",
});

deskBlocks.add("answered", {
    title: _t("Customers answered after the end"),
    icon: "fa-reply",
    color: "warning",
    empty: "",
    hint: "",
    action: "service_quality_core.helpdesk_ticket_action",
});

/** A promise to a customer: what it is about, and how long is left. */
export class DeskLine extends Component {
    static template = "service_quality_desk.DeskLine";
    static props = { line: Object, onOpen: Function };

    setup() {
        this.ticking = useTicking((now) => this.compute(now));
    }

    compute(now) {
        const { line } = this.props;
        const status = statusAt(line, now);
        const counts = line.deadline && status !== "paused";
        return { status, text: counts ? formatCountdown(Math.abs(line.deadline - now)) : "" };
    }

    get badge() {
        return STATUSES[this.ticking.status];
    }

    get about() {
        const { number, what, customer, user } = this.props.line;
        return [number, what, customer, user].filter(Boolean).join(" · ");
    }
}

/** What burns and what to do next: blocks, each with a list behind it. What customers
 * wrote after the end of a ticket is one of them only where they did. */
export class Desk extends Component {
    static template = "service_quality_desk.Desk";
    static components = { DeskLine, Layout };
    static props = { ...standardActionServiceProps };
    static path = "service-desk";
    static displayName = _t("Desk");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.root = useRef("root");
        this.display = { controlPanel: {} };
        this.state = useState({ overview: null, lostSince: null });
        this.scope = user.settings.service_desk_scope || null;
        this.refresher = new Refresher(() => this.ask());
        const onNudge = () => this.refresher.nudge();
        onWillStart(() => this.refresher.refresh());
        onMounted(() => {
            this.refresher.start();
            this.bus.subscribe(CHANNEL, onNudge);
            this.bus.addChannel(CHANNEL);
        });
        onWillUnmount(() => {
            this.bus.deleteChannel(CHANNEL);
            this.bus.unsubscribe(CHANNEL, onNudge);
            this.refresher.stop();
        });
    }

    /** Ask for the blocks; what was shown stays while the server cannot be reached. */
    async ask() {
        let overview;
        try {
            overview = await this.orm.silent.call("service.quality.desk", "overview", [], {
                scope: this.scope,
            });
        } catch (error) {
            if (!(error instanceof ConnectionLostError) || !this.state.overview) {
                throw error;
            }
            this.state.lostSince ??= this.state.overview.now;
            return null;
        }
        Object.assign(this.state, { overview: readOverview(overview), lostSince: null });
        // a deadline has passed when its second is over
        return overview.next_at ? msBetween(overview.now, overview.next_at) + 1000 : null;
    }

    // ------------------------------------------------------------------
    // What is shown
    // ------------------------------------------------------------------

    get scopes() {
        return this.state.overview.scopes.map((value) => ({
            value,
            label: SCOPES[value],
            isActive: value === this.state.overview.scope,
        }));
    }

    get blocks() {
        return this.state.overview.blocks.map((block) => ({
            ...block,
            ...deskBlocks.get(block.key),
            countText: block.more ? `${block.count}+` : String(block.count),
        }));
    }

    handoverText({ name, at, question }) {
        const since = toLocaleDateTimeString(deserializeDateTime(at));
        return question
            ? _t("%(name)s: handed over at %(since)s, a question is open", { name, since })
            : _t("%(name)s: handed over at %(since)s, not taken over yet", { name, since });
    }

    get lostText() {
        return _t("Not up to date since %s: the server does not answer.", this.state.lostSince);
    }

    // ------------------------------------------------------------------
    // What a hand does
    // ------------------------------------------------------------------

    async choose(scope) {
        this.scope = scope;
        await Promise.all([
            this.refresher.refresh(),
            user.setUserSettings("service_desk_scope", scope),
        ]);
    }

    async openList(block) {
        const list = await this.action.loadAction(block.action);
        const context = makeContext([list.context || {}, { active_test: false }]);
        for (const key of Object.keys(context)) {
            if (key.startsWith("search_default_")) {
                delete context[key]; // the list is to have what was counted
            }
        }
        await this.action.doAction({
            ...list,
            name: String(block.title),
            display_name: String(block.title),
            domain: block.domain,
            context,
        });
    }

    async openLine(block, line) {
        const { views } = await this.action.loadAction(block.action);
        const form = views.find(([, type]) => type === "form");
        await this.openForm(block.model, line.id, form && form[0]);
    }

    openForm(model, id, viewId = false) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[viewId, "form"]],
        });
    }

    /** Up and down go from line to line, over the borders of blocks. */
    onKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        const stops = [...this.root.el.querySelectorAll(".o_service_desk_stop")];
        const index = stops.indexOf(document.activeElement);
        if (!step || index < 0 || !stops[index + step]) {
            return;
        }
        ev.preventDefault();
        stops[index + step].focus();
    }
}

function msBetween(start, end) {
    return deserializeDateTime(end).diff(deserializeDateTime(start)).milliseconds;
}

function readOverview(overview) {
    const toSeconds = (text) => (text ? deserializeDateTime(text).toSeconds() : null);
    return {
        ...overview,
        now: toLocaleDateTimeString(deserializeDateTime(overview.now)),
        blocks: overview.blocks.map((block) => ({
            ...block,
            lines: block.lines.map((line) => ({
                ...line,
                deadline: toSeconds(line.deadline),
                warning_at: toSeconds(line.warning_at),
            })),
        })),
    };
}

registry.category("actions").add("service_quality_desk.desk", Desk);
