import { registry } from "@web/core/registry";

/** Who leaves hands over from the desk what is open. */
registry.category("web_tour.tours").add("service_quality_hand_over_tour", {
    url: "/odoo/service-desk",
    steps: () => [
        {
            content: "hand over",
            trigger: ".o_service_desk_hand_over",
            run: "click",
        },
        {
            content: "to the next",
            trigger: ".o_field_widget[name=to_user_id] input",
            run: "edit Tour: next",
        },
        {
            content: "choose",
            trigger: ".o-autocomplete--dropdown-item:contains('Tour: next')",
            run: "click",
        },
        {
            content: "what has to be known besides",
            trigger: ".o_field_widget[name=note] textarea",
            run: "edit Watch the router",
        },
        {
            content: "save to see what is open",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "the late ticket is listed",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Tour: router down')",
        },
        {
            content: "hand over",
            trigger: ".o_statusbar_buttons button[name=action_hand_over]",
            run: "click",
        },
        {
            content: "it waits for the next",
            trigger: ".o_arrow_button_current:contains('Handed over')",
        },
        {
            content: "one does not take over from oneself",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_take_over]))",
        },
    ],
});

/** The next finds it on the desk and takes it over. */
registry.category("web_tour.tours").add("service_quality_take_over_tour", {
    url: "/odoo/service-desk",
    steps: () => [
        {
            content: "it is one's turn",
            trigger: ".o_service_desk_handover:contains('Tour: next'):contains('It is your turn')",
            run: "click",
        },
        {
            content: "the note",
            trigger: ".o_field_widget[name=note]:contains('Watch the router')",
        },
        {
            content: "take over",
            trigger: ".o_statusbar_buttons button[name=action_take_over]",
            run: "click",
        },
        {
            content: "taken over",
            trigger: ".o_arrow_button_current:contains('Shift taken over')",
        },
        {
            content: "back to the desk",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('Desk')",
            run: "click",
        },
        {
            content: "it waits no more",
            trigger: ".o_service_desk_action:not(:has(.o_service_desk_handover:contains('Tour: next')))",
        },
    ],
});
