import { registry } from "@web/core/registry";

/** From the list of tickets to a resolved one, asking on the way why it was promised so. */
registry.category("web_tour.tours").add("service_quality_ticket_tour", {
    url: "/odoo/service-tickets",
    steps: () => [
        {
            content: "what is late comes first, with an icon, a word and a number that ticks",
            trigger:
                ".o_data_row:first:contains('Tour: router down') .o_service_badge:contains('Late'):has(.fa-exclamation-circle) .o_service_ticking",
        },
        {
            content: "show only what is late",
            trigger: ".o_service_burning button[data-filter=service_late]:contains('Late')",
            run: "click",
        },
        {
            content: "the filter is in the search bar",
            trigger: ".o_searchview_facet:contains('Late')",
        },
        {
            content: "open the ticket",
            trigger: ".o_data_row:contains('Tour: router down') td[name=name]",
            run: "click",
        },
        {
            content: "its service target is on top",
            trigger: ".o_service_card[data-metric=Resolution].o_service_late",
        },
        {
            content: "ask why",
            trigger: ".o_service_card[data-metric=Resolution] .o_service_why",
            run: "click",
        },
        {
            content: "the sum of wall time",
            trigger: ".modal .o_service_sum:contains('worked')",
        },
        {
            content: "what was chosen",
            trigger: ".modal .o_service_steps .fa-check",
        },
        {
            content: "close",
            trigger: ".modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "open its ledger",
            trigger: "body:not(:has(.modal)) .nav-link[name=service_ledger]",
            run: "click",
        },
        {
            content: "it is read now, with kinds in words",
            trigger: ".o_data_row td[name=kind_name]:contains('Opened')",
        },
        {
            content: "resolve",
            trigger: "body:not(:has(.modal)) .o_statusbar_buttons button[name=action_service_resolve]",
            run: "click",
        },
        {
            content: "the team asks for the record of the work",
            trigger: ".modal .o_required_modifier[name=service_work_done] textarea",
            run: "edit Power supply replaced",
        },
        {
            content: "confirm",
            trigger: ".modal-footer button[name=action_confirm]:contains('Resolve')",
            run: "click",
        },
        {
            content: "the verdict is there without a reload of the page",
            trigger:
                "body:not(:has(.modal)) .o_service_card[data-metric=Resolution].o_service_missed .fa-times",
        },
        {
            content: "the ledger has the new row",
            trigger: ".o_data_row td[name=kind_name]:contains('Phase changed')",
        },
        {
            content: "open the time by holder",
            trigger: ".nav-link[name=service_spans]",
            run: "click",
        },
        {
            content: "the new phase is its second line",
            trigger: ".o_data_row:nth-child(2) td[name=phase]:contains('Resolved')",
        },
        {
            content: "and there is nothing left to resolve",
            trigger: ".o_form_view:not(:has(button[name=action_service_resolve]))",
        },
    ],
});
