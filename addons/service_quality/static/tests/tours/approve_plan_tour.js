import { registry } from "@web/core/registry";

/** An executive on a phone: a tap on what waits, and a tap that approves it. */
registry.category("web_tour.tours").add("service_quality_approve_plan_tour", {
    url: "/odoo/nonconformities-to-approve",
    steps: () => [
        {
            content: "the plan that waits",
            trigger: ".o_kanban_record:contains('Cables without labels')",
            run: "click",
        },
        {
            content: "it is there with all that was said",
            trigger: ".o_form_view .o-mail-Message",
        },
        {
            content: "it is approved by one tap",
            trigger: ".o_form_statusbar button[name=action_approve]",
            run: "click",
        },
        {
            content: "it is carried out now",
            trigger: ".o_form_view:not(:has(button[name=action_approve]))",
        },
    ],
});
