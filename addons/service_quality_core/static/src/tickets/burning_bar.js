import { Component, onWillStart, useState } from "@odoo/owl";
import { useBus, useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { STATUSES } from "../time/status";

const FILTERS = [
    { filter: "service_late", count: "late", ...STATUSES.late },
    { filter: "service_at_risk", count: "at_risk", ...STATUSES.at_risk },
    { filter: "service_paused", count: "paused", ...STATUSES.paused },
    {
        filter: "service_no_agreement",
        count: "no_agreement",
        label: _t("No agreement"),
        icon: "fa-question-circle",
        color: "secondary",
    },
];

/** The server counts no further. */
const COUNTED = 1000;

/** What burns among the open tickets, as filters with counts. */
export class BurningBar extends Component {
    static template = "service_quality_core.BurningBar";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.state = useState({ counts: {} });
        useBus(this.env.searchModel, "update", () => this.load());
        onWillStart(() => this.load());
    }

    get filters() {
        const items = this.env.searchModel.getSearchItems((item) => item.type === "filter");
        return FILTERS.map((filter) => ({
            ...filter,
            item: items.find((item) => item.name === filter.filter),
        })).filter((filter) => filter.item);
    }

    /** Ask for the counts, once for all who ask before the answer has come. */
    async load() {
        if (!this.asked) {
            this.asked = this.orm.silent.call("helpdesk.ticket", "service_count_burning", [
                this.env.searchModel.globalDomain,
            ]);
        }
        try {
            this.state.counts = await this.asked;
        } finally {
            this.asked = null;
        }
    }

    countText({ count }) {
        const found = this.state.counts[count];
        return found > COUNTED ? `${COUNTED}+` : found;
    }

    toggle(filter) {
        this.env.searchModel.toggleSearchItem(filter.item.id);
    }
}

export class ServiceTicketListController extends ListController {
    static template = "service_quality_core.TicketListView";
    static components = { ...ListController.components, BurningBar };
}

export class ServiceTicketKanbanController extends KanbanController {
    static template = "service_quality_core.TicketKanbanView";
    static components = { ...KanbanController.components, BurningBar };
}

registry.category("views").add("service_ticket_list", {
    ...listView,
    Controller: ServiceTicketListController,
});
registry.category("views").add("service_ticket_kanban", {
    ...kanbanView,
    Controller: ServiceTicketKanbanController,
});
