import { registry } from "@web/core/registry";

/** A service report by hand: filled in, its figures opened, reviewed, sent. */
registry.category("web_tour.tours").add("service_quality_report_tour", {
    steps: () => [
        {
            content: "a new service report",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "of this agreement",
            trigger: ".o_field_widget[name=agreement_id] input",
            run: "edit Tour support",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-item a:contains('Tour support')",
            run: "click",
        },
        {
            content: "on March",
            trigger: ".o_field_widget[name=date_from] input, button[data-field=date_from]",
            run: "click",
        },
        {
            content: "its first day",
            trigger: ".o_field_widget[name=date_from] input",
            run: "edit 03/01/2026 && press Tab",
        },
        {
            content: "the server has reckoned the last day",
            trigger: ".o_field_widget[name=date_to]:contains('Mar 31')",
        },
        {
            content: "the first one still stands as it was typed",
            trigger:
                ".o_field_widget[name=date_from] button:contains('Mar 1'), .o_field_widget[name=date_from] input:value('Mar 1, 2026'), .o_field_widget[name=date_from] input:value('03/01/2026')",
        },
        {
            content: "save: the figures are filled in",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "the figures",
            trigger: ".o_notebook a.nav-link[name=figures]",
            run: "click",
        },
        {
            content: "one of two was kept in time: open what that counts",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('Resolution 4'):contains('1 / 2') button[name=action_open_rows]",
            run: "click",
        },
        {
            content: "they are the target's",
            trigger: ".o_breadcrumb .active:contains('Resolution')",
        },
        {
            content: "two of them and no more",
            trigger: ".o_list_view .o_pager:contains('1-2'):contains('/ 2')",
        },
        {
            content: "back to the report",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            content: "the missed ticket",
            trigger: ".o_notebook a.nav-link[name=misses]",
            run: "click",
        },
        {
            content: "why was it missed",
            trigger: ".o_field_widget[name=miss_ids] .o_data_row td[name=reason]",
            run: "click",
        },
        {
            content: "the customer reads it",
            trigger: ".o_field_widget[name=miss_ids] .o_data_row [name=reason] textarea",
            run: "edit A part came late",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "review",
            trigger: ".o_statusbar_buttons button[name=action_review]",
            run: "click",
        },
        {
            content: "send",
            trigger: ".o_statusbar_buttons button[name=action_send]",
            run: "click",
        },
        {
            content: "yes, freeze it",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "it was sent",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Sent')",
        },
    ],
});
