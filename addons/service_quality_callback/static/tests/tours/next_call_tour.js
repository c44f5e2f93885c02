import { registry } from "@web/core/registry";

/** Press keys on the page of a customer, one after the other. */
function press(name, keys) {
    return keys.map((key) => ({
        content: `${name}: ${key}`,
        trigger: `.o_service_call:has(.o_service_call_who h2:contains("${name}"))`,
        run: `press ${key}`,
    }));
}

/** Ten customers are called back, and nobody touches the mouse. */
registry.category("web_tour.tours").add("service_quality_next_call_tour", {
    url: "/odoo/next-call",
    steps: () => [
        {
            content: "how many are left is said",
            trigger: ".o_service_call_left:contains('11 left today')",
        },
        ...press("Tour 01", ["y", "5", "Enter"]),
        ...press("Tour 02", ["y", "4", "Enter"]),
        ...press("Tour 03", ["n", "1"]),
        {
            content: "who is dissatisfied is asked with what, and 6 is the first reason",
            trigger: ".o_service_call_choice[data-reason]:first:contains('6')",
            run: "press 6",
        },
        {
            content: "to the customer's words",
            trigger: ".o_service_call_choice[data-reason].active",
            run: "press k",
        },
        {
            content: "the customer's words",
            trigger: "textarea[name=comment]:focus",
            run: "edit Dead again at noon",
        },
        {
            content: "save out of the text",
            trigger: "textarea[name=comment]",
            run: "press Control+Enter",
        },
        ...press("Tour 04", ["p", "4", "Enter"]),
        ...press("Tour 05", ["r", "Enter"]),
        ...press("Tour 06", ["a", "Enter"]),
        ...press("Tour 07", ["w"]),
        {
            content: "the right number",
            trigger: "input[name=phone]:focus",
            run: "edit +49 30 777",
        },
        {
            content: "save the attempt with the number",
            trigger: "input[name=phone]",
            run: "press Enter",
        },
        {
            content: "the same customer again, with the new number",
            trigger: ".o_service_call_number:contains('+49 30 777')",
        },
        ...press("Tour 07", ["y", "5", "Enter"]),
        ...press("Tour 08", ["y", "3", "m", "Enter"]),
        {
            content: "two tickets of one customer in one call",
            trigger: ".o_service_call_card:nth-of-type(2)",
        },
        ...press("Tour 09", ["y", "5", "=", "Enter"]),
        ...press("Tour 10", ["b", "Enter"]),
        {
            content: "this contact has no number: which one was dialled",
            trigger: "input[name=dialled].is-invalid:focus",
            run: "edit +49 30 1010",
        },
        {
            content: "save the attempt with the number that was dialled",
            trigger: "input[name=dialled]:not(.is-invalid)",
            run: "press Enter",
        },
        {
            content: "nobody is left",
            trigger: ".o_service_call_none:contains('Nobody to call now')",
        },
    ],
});
