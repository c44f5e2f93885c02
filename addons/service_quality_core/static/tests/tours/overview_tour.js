import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("service_quality_overview_tour", {
    steps: () => [
        {
            content: "the figures of the quality department",
            trigger: ".o_service_overview_tile[data-tile=attainment]",
        },
        {
            content: "open what deviates",
            trigger: ".o_service_overview_tile[data-tile=deviations]",
            run: "click",
        },
        {
            content: "the list that was counted",
            trigger: ".o_breadcrumb .active:contains('Deviations not closed')",
        },
        {
            content: "and back",
            trigger: ".o_breadcrumb a, .o_back_button",
            run: "click",
        },
        { content: "the first page again", trigger: ".o_service_overview_tiles" },
    ],
});
