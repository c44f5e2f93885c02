import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { Layout } from "@web/search/layout";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { serializeDate } from "@web/core/l10n/dates";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";

const { DateTime } = luxon;

/**
 * A sign beside each colour, and the word of the state: the register also reads in
 * black and white. What is worst stands first.
 */
export const SIGNS = {
    not_fulfilled: { icon: "fa-times-circle", color: "danger" },
    overdue: { icon: "fa-exclamation-triangle", color: "danger" },
    due: { icon: "fa-clock-o", color: "info" },
    corrected: { icon: "fa-wrench", color: "primary" },
    fulfilled_late: { icon: "fa-history", color: "warning" },
    fulfilled: { icon: "fa-check", color: "success" },
    nothing: { icon: "fa-circle-o", color: "muted" },
    not_applicable: { icon: "fa-minus", color: "muted" },
    not_supported: { icon: "fa-ban", color: "muted" },
};

const RANKS = Object.keys(SIGNS);

/** States in which cases were counted. */
const COUNTED = RANKS.slice(0, 6);

/** The worst state of a row, as its place in RANKS. */
export function worstOf(row) {
    return Math.min(...row.cells.map((cell) => RANKS.indexOf(cell.state)), RANKS.length);
}

/** The months of a year as columns of a row: cells, and the gaps between them. */
export function columnsOf(cells) {
    const columns = [];
    let month = 0;
    for (const cell of [...cells].sort((a, b) => a.month - b.month)) {
        if (cell.month > month) {
            columns.push({ key: `gap${month}`, span: cell.month - month });
        }
        columns.push({ key: `cell${cell.id}`, span: cell.span, cell });
        month = cell.month + cell.span;
    }
    if (month < 12) {
        columns.push({ key: `gap${month}`, span: 12 - month });
    }
    return columns;
}

/** The compliance register: which obligation is open, and where the proof is. */
export class Register extends Component {
    static template = "service_quality_regulation.Register";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static path = "service-register";
    static displayName = _t("Compliance Register");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.root = useRef("root");
        this.display = { controlPanel: {} };
        const kept = this.props.state || {};
        this.state = useState({
            register: null,
            filter: kept.filter || null,
            isByClause: Boolean(kept.isByClause),
            isAsking: false,
        });
        useSetupAction({
            getLocalState: () => ({
                asked: this.asked,
                filter: this.state.filter,
                isByClause: this.state.isByClause,
            }),
        });
        const { regulation_id } = this.props.action.params || {};
        onWillStart(() => this.ask({ regulation_id, ...kept.asked }));
    }

    /** Ask for another regulation, year or day; what is not named stays. */
    async ask(changes) {
        const { regulation_id, year, as_of } = this.state.register || {};
        this.asked = { regulation_id, year, as_of, ...changes };
        this.state.isAsking = true;
        try {
            this.state.register = await this.orm.call(
                "service.quality.register",
                "matrix",
                [],
                this.asked
            );
        } finally {
            this.state.isAsking = false;
        }
    }

    // ------------------------------------------------------------------
    // What is shown
    // ------------------------------------------------------------------

    get months() {
        return Array.from({ length: 12 }, (_, month) =>
            DateTime.local(this.state.register.year, month + 1).toFormat("LLL")
        );
    }

    get states() {
        const { states, counts } = this.state.register;
        return states.map(([value, label]) => ({
            value,
            label,
            ...SIGNS[value],
            count: counts[value],
            isActive: this.state.filter === value,
        }));
    }

    get chapters() {
        const { filter, isByClause, register } = this.state;
        const isInOrder = isByClause || filter; // of what is filtered none is worse
        const chapters = isInOrder ? register.chapters : this.worstFirst(register.chapters);
        return chapters
            .map((chapter) => ({
                ...chapter,
                rows: chapter.rows
                    .filter((row) => !filter || row.cells.some((cell) => cell.state === filter))
                    .map((row, index, rows) => ({
                        ...row,
                        isFirst: !index || rows[index - 1].clause_id !== row.clause_id,
                        columns: columnsOf(row.cells),
                    })),
            }))
            .filter((chapter) => chapter.rows.length);
    }

    /** The rows under their worst state, those with most of such cells first. */
    worstFirst(chapters) {
        const rows = chapters.flatMap((chapter) => chapter.rows);
        return this.state.register.states
            .map(([value, name]) => {
                const count = (row) => row.cells.filter((cell) => cell.state === value).length;
                const own = rows.filter((row) => RANKS[worstOf(row)] === value);
                return { name, rows: own.sort((a, b) => count(b) - count(a)) };
            })
            .filter((chapter) => chapter.rows.length);
    }

    sign(cell) {
        return SIGNS[cell.state];
    }

    isFaint(cell) {
        return this.state.filter && cell.state !== this.state.filter;
    }

    /** What stands in a cell: how many of how many cases, where they were counted. */
    countText(cell) {
        if (!COUNTED.includes(cell.state)) {
            return "";
        }
        return `${cell.done_count}/${cell.due_count}`;
    }

    stateLabel(cell) {
        return Object.fromEntries(this.state.register.states)[cell.state];
    }

    title(row, cell) {
        const why = cell.note || this.state.register.whys[cell.why];
        const about = `${row.code} ${row.name}`;
        const stands = [this.stateLabel(cell), this.countText(cell), cell.late_on];
        const lines = [about, cell.label, stands.filter(Boolean).join(" · "), why, cell.remark];
        return lines.filter(Boolean).join("\n");
    }

    // ------------------------------------------------------------------
    // What a hand does
    // ------------------------------------------------------------------

    filterBy(value) {
        this.state.filter = this.state.filter === value ? null : value;
    }

    order() {
        this.state.isByClause = !this.state.isByClause;
    }

    chooseRegulation(ev) {
        return this.ask({ regulation_id: parseInt(ev.target.value) });
    }

    chooseDay(ev) {
        return this.ask({ as_of: ev.target.value || false });
    }

    get today() {
        return serializeDate(DateTime.local());
    }

    /** Open what proves it, or what is missing; else why it stands so. */
    async open(cell) {
        const method = cell.missing_count ? "action_open_missing" : "action_open_evidence";
        const isCounted = cell.done_count || cell.missing_count;
        if (!isCounted) {
            return this.openCell(cell);
        }
        const action = await this.orm.call("service.quality.compliance", method, [[cell.id]]);
        return this.action.doAction(action);
    }

    openCell(cell) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "service.quality.compliance",
            res_id: cell.id,
            views: [[false, "form"]],
        });
    }

    print() {
        window.print();
    }

    /** Arrows go from cell to cell; i says why it stands so. */
    onKeydown(ev, row, cell) {
        if (ev.key === "i") {
            ev.preventDefault();
            this.openCell(cell);
            return;
        }
        const side = { ArrowRight: 1, ArrowLeft: -1 }[ev.key];
        const line = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (!side && !line) {
            return;
        }
        const target = side ? this.beside(ev.target, side) : this.below(ev.target, line);
        if (target) {
            ev.preventDefault();
            target.focus();
        }
    }

    beside(element, step) {
        const cells = [...element.closest("tr").querySelectorAll(".o_service_register_cell")];
        return cells[cells.indexOf(element) + step];
    }

    /** The cell of a further row that lies above or below, as near as there is one. */
    below(element, step) {
        const rows = [...this.root.el.querySelectorAll("tr.o_service_register_row")];
        const month = parseInt(element.dataset.month);
        let index = rows.indexOf(element.closest("tr")) + step;
        for (; rows[index]; index += step) {
            const cells = [...rows[index].querySelectorAll(".o_service_register_cell")];
            const fitting = cells.filter((cell) => parseInt(cell.dataset.month) <= month);
            if (cells.length) {
                return fitting.at(-1) || cells[0];
            }
        }
        return undefined;
    }
}

registry.category("actions").add("service_quality_regulation.register", Register);
