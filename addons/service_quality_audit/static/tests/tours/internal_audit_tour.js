import { registry } from "@web/core/registry";

const verdict = (label) => `.o_sq_verdict .o_selection_badge:contains('${label}')`;

/** An auditor on a phone: one question on a screen, the next one by a tap. */
registry.category("web_tour.tours").add("service_quality_internal_audit_tour", {
    steps: () => [
        {
            content: "answer",
            trigger: "button[name=action_answer]",
            run: "click",
        },
        {
            content: "the first question conforms",
            trigger: `.o_form_view:contains('First thing') ${verdict("Conform")}`,
            run: "click",
        },
        {
            content: "what was looked at",
            trigger: ".o_field_widget[name=service_evidence] textarea",
            run: "edit Ten records of May, all complete",
        },
        {
            content: "the next question",
            trigger: "button[name=action_next]",
            run: "click",
        },
        {
            content: "the second one is only begun",
            trigger: `.o_form_view:contains('Second thing') ${verdict("Observation")}`,
            run: "click",
        },
        {
            content: "it is kept half done, and says what is missing",
            trigger: "button[name=action_back]",
            run: "click",
        },
        {
            content: "the first one stands as it was answered",
            trigger: `.o_form_view:contains('First thing') ${verdict("Conform")}.active`,
        },
    ],
});
