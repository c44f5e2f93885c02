import { registry } from "@web/core/registry";

/** From the blocks of calls and complaints to the lists behind them. */
registry.category("web_tour.tours").add("service_quality_desk_blocks_tour", {
    url: "/odoo/service-desk",
    steps: () => [
        {
            content: "the calls that are due",
            trigger: "[data-block=calls] .o_service_desk_title",
            run: "click",
        },
        {
            content: "are listed with the one of the tour",
            trigger: ".o_list_view .o_data_row:contains('Acme')",
        },
        {
            content: "back to the desk",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('Desk')",
            run: "click",
        },
        {
            content: "the open complaints",
            trigger: "[data-block=complaints] .o_service_desk_title",
            run: "click",
        },
        {
            content: "are listed with the one of the tour",
            trigger: ".o_list_view .o_data_row:contains('Tour: rude on the phone')",
        },
    ],
});
