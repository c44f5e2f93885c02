import { registry } from "@web/core/registry";

/** An executive approves the plan of the quarter. */
registry.category("web_tour.tours").add("service_quality_improvement_plan_tour", {
    steps: () => [
        {
            content: "the gaps, and what is done about each",
            trigger:
                ".o_form_view:has(.o_field_widget[name=line_ids] .o_data_row) button[name=action_approve]",
            run: "click",
        },
        {
            content: "approved, it stays as it is",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "it is approved",
            trigger: ".o_field_widget[name=decided_at]",
        },
    ],
});
