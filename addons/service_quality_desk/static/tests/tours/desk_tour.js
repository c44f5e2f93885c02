import { registry } from "@web/core/registry";

/** From what burns to the ticket and back, by keyboard; then to the list behind a count. */
registry.category("web_tour.tours").add("service_quality_desk_tour", {
    url: "/odoo/service-desk",
    steps: () => [
        {
            content: "what is late is told with an icon, a word and a number that ticks",
            trigger:
                "[data-block=late] .o_service_desk_line:contains('Tour: router down') .badge:contains('Late'):has(.fa-exclamation-circle) .o_service_ticking",
        },
        {
            content: "the desk comes next to the first page",
            trigger: ".o_menu_sections > :nth-child(2):contains('Desk')",
        },
        {
            content: "the other block is there",
            trigger: ".o_service_desk [data-block=soon]",
        },
        {
            content: "go to the first line and press Enter",
            trigger: "[data-block=late] .o_service_desk_title",
            run: ({ anchor }) => {
                anchor.focus();
                const key = { key: "ArrowDown", bubbles: true };
                anchor.dispatchEvent(new KeyboardEvent("keydown", key));
                if (!document.activeElement.matches(".o_service_desk_line")) {
                    throw new Error("the arrow does not lead to the first line");
                }
            },
        },
        {
            content: "Enter on a focused line opens it",
            trigger: "[data-block=late] .o_service_desk_line:focus",
            run: "press Enter",
        },
        {
            content: "the ticket",
            trigger: ".o_form_view .o_service_card.o_service_late",
        },
        {
            content: "back",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('Desk')",
            run: "click",
        },
        {
            content: "my own only",
            trigger: ".o_service_desk_action [data-scope=mine]",
            run: "click",
        },
        {
            content: "nothing of mine is late, and it says so",
            trigger: "[data-block=late] .o_service_desk_empty:contains('Nothing is late')",
        },
        {
            content: "everybody's again",
            trigger: "[data-scope=all]",
            run: "click",
        },
        {
            content: "the list behind the count",
            trigger: "[data-block=late]:has(.o_service_desk_line) .o_service_desk_title",
            run: "click",
        },
        {
            content: "has the ticket",
            trigger: ".o_list_view .o_data_row:contains('Tour: router down')",
        },
    ],
});
