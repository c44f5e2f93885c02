import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { Layout } from "@web/search/layout";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { serializeDate } from "@web/core/l10n/dates";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";

const { DateTime } = luxon;

/** A sign beside each colour, so that colour alone tells nobody anything. */
export const SIGNS = {
    fulfilled: { icon: "fa-check", color: "success" },
    due: { icon: "fa-clock-o", color: "info" },
    overdue: { icon: "fa-exclamation-triangle", color: "danger" },
    not_applicable: { icon: "fa-minus", color: "muted" },
    not_supported: { icon: "fa-ban", color: "muted" },
};

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
        this.state = useState({ register: null, filter: kept.filter || null, isAsking: false });
        useSetupAction({
            getLocalState: () => ({ asked: this.asked, filter: this.state.filter }),
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
        const { filter, register } = this.state;
        return register.chapters
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

    sign(cell) {
        return SIGNS[cell.state];
    }

    isFaint(cell) {
        return this.state.filter && cell.state !== this.state.filter;
    }

    /** What stands in a cell: a number where something was counted. */
    countText(cell) {
        if (!["fulfilled", "due", "overdue"].includes(cell.state)) {
            return "";
        }
        return cell.done_count < cell.due_count
            ? `${cell.done_count}/${cell.due_count}`
            : String(cell.done_count);
    }

    stateLabel(cell) {
        return Object.fromEntries(this.state.register.states)[cell.state];
    }

    title(row, cell) {
        const why = cell.note || this.state.register.whys[cell.why];
        return [`${row.code} ${row.name}`, cell.label, this.stateLabel(cell), why].join("\n");
    }

    // ------------------------------------------------------------------
    // What a hand does
    // ------------------------------------------------------------------

    filterBy(value) {
        this.state.filter = this.state.filter === value ? null : value;
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
