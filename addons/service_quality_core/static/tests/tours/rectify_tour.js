import { registry } from "@web/core/registry";

const FIELD = ".modal [name=field_name] select, .modal [name=field_name] input";

/** What was closed is corrected with a reason; what is judged waits for a second person. */
registry.category("web_tour.tours").add("service_quality_rectify_tour", {
    steps: () => [
        {
            content: "the record of work is locked",
            trigger: ".o_notebook .nav-link:contains('Record of Work')",
            run: "click",
        },
        {
            content: "there is nothing to type into",
            trigger: ".o_field_widget.o_readonly_modifier[name=service_work_done]",
        },
        {
            content: "rectify",
            trigger: ".o_statusbar_buttons button[name=action_service_rectify]",
            run: "click",
        },
        { content: "what", trigger: FIELD, run: "click" },
        {
            content: "the record of work",
            trigger: ".o_select_menu_item:contains('Work Done')",
            run: "click",
        },
        {
            content: "the old text is shown",
            trigger: ".modal [name=old_text]:contains('Replaced the line card')",
        },
        {
            content: "and proposed",
            trigger: ".modal [name=new_text] textarea",
            run: "edit Replaced the fan",
        },
        {
            content: "a reason is asked for",
            trigger: ".modal .o_required_modifier[name=reason] textarea",
            run: "edit The wrong part",
        },
        {
            content: "confirm",
            trigger: ".modal-footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "both texts are shown with the record",
            trigger: "body:not(:has(.modal)) .o_notebook .nav-link:contains('Corrections')",
            run: "click",
        },
        {
            content: "with the reason",
            trigger:
                "[name=service_corrections]:contains('Replaced the line card'):contains('Replaced the fan'):contains('The wrong part')",
        },
        {
            content: "rectify the cause",
            trigger: ".o_statusbar_buttons button[name=action_service_rectify]",
            run: "click",
        },
        { content: "what", trigger: FIELD, run: "click" },
        {
            content: "the cause",
            trigger: ".o_select_menu_item:contains('Cause')",
            run: "click",
        },
        {
            content: "it needs a second person",
            trigger: ".modal .alert:contains('a second person decides')",
        },
        {
            content: "another cause",
            trigger: ".modal [name=new_record] input",
            run: "edit Operating",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('Operating error')",
            run: "click",
        },
        {
            content: "why",
            trigger: ".modal [name=reason] textarea",
            run: "edit It was not the network",
        },
        {
            content: "confirm",
            trigger: ".modal-footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "it waits",
            trigger: "body:not(:has(.modal)) .alert:contains('waits for a second person')",
        },
    ],
});
