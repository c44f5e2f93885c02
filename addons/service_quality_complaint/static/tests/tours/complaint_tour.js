import { registry } from "@web/core/registry";

/** From the ticket that a customer complains about to the closed complaint. */
registry.category("web_tour.tours").add("service_quality_complaint_tour", {
    steps: () => [
        {
            content: "the customer complains about this ticket",
            trigger: ".o_statusbar_buttons button[name=action_service_complain]",
            run: "click",
        },
        {
            content: "what the severity means stands beside it",
            trigger: ".o_field_widget[name=service_severity_definition]:contains('annoyance')",
        },
        {
            content: "it is an important one",
            trigger: ".o_field_widget[name=service_severity] label:contains('Important')",
            run: "click",
        },
        {
            content: "the ticket that it is about is known",
            trigger: ".o_field_widget[name=service_about_ticket_id] input:value('Tour: nobody came')",
        },
        {
            content: "in the customer's words",
            trigger: ".o_field_widget[name=description] .odoo-editor-editable",
            run: "editor I waited all day",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "what is missing to close it is said",
            trigger: ".o_field_widget[name=service_complaint_checklist]:contains('Answer to the Complainant')",
        },
        {
            content: "the ticket stands beside it",
            trigger: ".o_field_widget[name=service_about_summary]:contains('Tour: nobody came')",
        },
        {
            content: "acknowledge",
            trigger: ".o_statusbar_buttons button[name=service_complaint_acknowledge]",
            run: "click",
        },
        {
            content: "who was told",
            trigger: "a.nav-link[name=service_notices]",
            run: "click",
        },
        {
            content: "the leader of the team",
            trigger: ".o_field_widget[name=service_notice_ids] .o_data_row:contains('head')",
        },
        {
            content: "answer",
            trigger: ".o_statusbar_buttons button.btn-primary[name=action_service_complaint_answer]",
            run: "click",
        },
        {
            content: "it was said by telephone",
            trigger: ".modal .o_field_widget[name=way] label:contains('By telephone')",
            run: "click",
        },
        {
            content: "the customer is right",
            trigger: ".modal .o_field_widget[name=admitted] label:contains('Admitted')",
            run: "click",
        },
        {
            content: "what was said",
            trigger: ".modal .o_field_widget[name=answer] .odoo-editor-editable",
            run: "editor We forgot you, and are sorry",
        },
        {
            content: "record it",
            trigger: ".modal-footer button[name=action_confirm]:contains('Record the answer')",
            run: "click",
        },
        {
            content: "it is answered",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Answered')",
        },
        {
            content: "the customer accepts it",
            trigger: ".o_statusbar_buttons button[name=service_complaint_accepted]",
            run: "click",
        },
        {
            content: "close",
            trigger: "body:not(:has(button[name=service_complaint_accepted])) .o_statusbar_buttons button[name=action_service_complaint_close]",
            run: "click",
        },
        {
            content: "it is closed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Closed')",
        },
    ],
});

/** Whoever was told of a complaint takes note of it. */
registry.category("web_tour.tours").add("service_quality_note_tour", {
    steps: () => [
        {
            content: "take note",
            trigger: ".o_statusbar_buttons button[name=action_service_take_note]",
            run: "click",
        },
        {
            content: "it was taken",
            trigger: "body:not(:has(button[name=action_service_take_note])) .o_form_view",
        },
    ],
});

/** A caller is known by the number; what is said becomes a complaint. */
registry.category("web_tour.tours").add("service_quality_phone_tour", {
    steps: () => [
        {
            content: "the number that rings",
            trigger: ".o_field_widget[name=phone] input",
            run: "edit 010-6552 9988",
        },
        {
            content: "what it is about",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Kept waiting again",
        },
        {
            content: "the caller is found",
            trigger: ".o_field_widget[name=partner_id] input:value('Ann')",
        },
        {
            content: "and the last ticket",
            trigger: ".o_field_widget[name=ticket_ids]:contains('Tour: nobody came')",
        },
        {
            content: "a complaint",
            trigger: ".o_statusbar_buttons button[name=action_create_complaint]",
            run: "click",
        },
        {
            content: "is open",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Registered')",
        },
    ],
});
