import { Component, onWillStart, useState } from "@odoo/owl";
import { makeContext } from "@web/core/context";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MOODS = {
    good: { icon: "fa-check-circle", color: "success", label: _t("on target") },
    warning: { icon: "fa-exclamation-circle", color: "warning", label: _t("to be watched") },
    bad: { icon: "fa-exclamation-triangle", color: "danger", label: _t("needs you") },
    none: { icon: "fa-circle-o", color: "muted", label: "" },
};

const WIDTH = 240;
const HEIGHT = 40;

/** Months without data come as false, which every protocol has a word for. */
const isKnown = (value) => typeof value === "number";

/**
 * The course of twelve months with the goal as a line; a month without data is a gap.
 *
 * A month that is not over has a hollow dot and a dashed line to it.
 */
export class Trend extends Component {
    static template = "service_quality_core.Trend";
    static props = {
        values: Array,
        goal: { type: [Number, Boolean], optional: true },
        isRunning: { type: Boolean, optional: true },
    };

    get box() {
        return `0 0 ${WIDTH} ${HEIGHT}`;
    }

    get drawn() {
        const { values, goal } = this.props;
        const known = values.filter(isKnown);
        const ends = isKnown(goal) ? [...known, goal] : known;
        const [low, high] = [Math.min(...ends), Math.max(...ends)];
        const span = high - low || 1;
        const runs = (index) => Boolean(this.props.isRunning) && index === values.length - 1;
        const toX = (index) => 3 + (index * (WIDTH - 6)) / Math.max(values.length - 1, 1);
        const toY = (value) => HEIGHT - 4 - ((value - low) * (HEIGHT - 8)) / span;
        const dots = values
            .map((value, index) => ({
                value,
                runs: runs(index),
                x: toX(index),
                y: toY(isKnown(value) ? value : low),
            }))
            .filter((dot) => isKnown(dot.value));
        const lines = [];
        values.forEach((value, index) => {
            const before = values[index - 1];
            if (index && isKnown(value) && isKnown(before)) {
                lines.push({
                    runs: runs(index),
                    x1: toX(index - 1),
                    y1: toY(before),
                    x2: toX(index),
                    y2: toY(value),
                });
            }
        });
        return {
            dots,
            lines,
            goal: isKnown(goal) && known.length ? toY(goal) : null,
            width: WIDTH,
        };
    }
}

/** The first page of a role: at most seven tiles, each with a list behind it. */
export class Overview extends Component {
    static template = "service_quality_core.Overview";
    static components = { Layout, Trend };
    static props = { ...standardActionServiceProps };
    static path = "service-overview";
    static displayName = _t("Overview");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ page: null });
        onWillStart(() => this.ask());
    }

    async ask(role = false) {
        this.state.page = await this.orm.call("service.quality.overview", "read_tiles", [], {
            role,
        });
    }

    /** Whose numbers these are where more companies are on, else an empty text. */
    get countedText() {
        const { company } = this.state.page;
        return company ? _t("Counted here: %s alone", company) : "";
    }

    get tiles() {
        return this.state.page.tiles.map((tile) => ({ ...tile, ...MOODS[tile.mood] }));
    }

    async choose(role) {
        await Promise.all([
            this.ask(role),
            user.setUserSettings("service_overview_role", role),
        ]);
    }

    async open(tile) {
        const list = await this.action.loadAction(tile.action);
        const context = makeContext([list.context || {}]);
        for (const key of Object.keys(context)) {
            if (key.startsWith("search_default_")) {
                delete context[key]; // the list is to have what was counted
            }
        }
        await this.action.doAction({
            ...list,
            name: tile.title,
            display_name: tile.title,
            domain: tile.domain,
            context: { ...context, ...tile.context },
        });
    }
}

registry.category("actions").add("service_quality_core.overview", Overview);
