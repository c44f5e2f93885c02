import { registry } from "@web/core/registry";

/** A customer in the portal suggests something about a ticket. */
registry.category("web_tour.tours").add("service_quality_suggestion_tour", {
    steps: () => [
        {
            content: "open the form",
            trigger: "#service_suggestions summary",
            run: "click",
        },
        {
            content: "say what could be better",
            trigger: "#service_suggestions textarea",
            run: "edit Send me a text message before you come",
        },
        {
            content: "send it",
            trigger: "#service_suggestions button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it stands on the page of the ticket, and waits",
            trigger:
                "#service_suggestions:contains('Send me a text message'):contains('we are looking into it')",
        },
    ],
});

/** The customer comes back, and reads what became of it. */
registry.category("web_tour.tours").add("service_quality_suggestion_outcome_tour", {
    steps: () => [
        {
            content: "it is done",
            trigger:
                "#service_suggestions:contains('Send me a text message'):contains('it is done')",
        },
    ],
});
