import { registry } from "@web/core/registry";

/** Who analyses a survey sees the index first, and what lies behind a promise. */
registry.category("web_tour.tours").add("service_quality_survey_result_tour", {
    steps: () => [
        {
            content: "the result alone",
            trigger: "button[name=action_view_result]",
            run: "click",
        },
        {
            content: "the index with its interval and how many answered",
            trigger: ".o_sq_result_tile.o_sq_first:contains('n = 12')",
        },
        {
            content: "questions stand beside it",
            trigger: ".o_sq_result td:contains('how satisfied are you')",
        },
        {
            content: "what was measured of a promise opens",
            trigger: ".o_field_widget[name=gap_ids] button[name=action_open_measured]",
            run: "click",
        },
        {
            content: "it is the ticket that was late",
            trigger: ".o_list_view .o_data_row",
        },
        {
            content: "back to the result",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "what people wrote, the least satisfied first",
            trigger: ".o_sq_words:contains('Nobody calls back')",
        },
        {
            content: "the answers open",
            trigger: ".o_field_widget[name=gap_ids] button[name=action_open_answers]",
            run: "click",
        },
        {
            content: "there is one of each person",
            trigger: ".o_list_view .o_data_row",
        },
    ],
});
