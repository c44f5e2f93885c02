import { registry } from "@web/core/registry";

const judge = (name, label) => [
    {
        content: `${name}: ${label}`,
        trigger: `.o_field_widget[name=${name}] label:contains('${label}')`,
        run: "click",
    },
    {
        content: `${name}: why`,
        trigger: `.o_field_widget[name=${name}_reason] textarea`,
        run: "edit Most of what was planned was reached in the year",
    },
];

/** The quality department gathers the inputs, begins the meeting, and judges. */
registry.category("web_tour.tours").add("service_quality_review_tour", {
    steps: () => [
        {
            content: "look for the inputs once more",
            trigger: "button[name=action_service_gather]",
            run: "click",
        },
        {
            content: "they stand in the list, and the meeting begins",
            trigger:
                ".o_form_view:has(.o_field_widget[name=service_input_ids] .o_data_row) button[name=action_service_freeze]",
            run: "click",
        },
        {
            content: "the inputs stay as they are",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "the meeting has begun",
            trigger: ".o_field_widget[name=service_frozen_at]",
        },
        {
            content: "judge",
            trigger: ".o_notebook .nav-link[name=service_judgement]",
            run: "click",
        },
        ...judge("service_suitable", "Yes"),
        ...judge("service_adequate", "With changes"),
        ...judge("service_effective", "No"),
        {
            content: "where it goes",
            trigger: ".o_field_widget[name=service_direction] textarea",
            run: "edit Nights and weekends come first until the next review",
        },
        {
            content: "save",
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            content: "it is saved",
            trigger: ".o_form_saved",
        },
    ],
});

/** An executive who took part reads, signs and closes. */
registry.category("web_tour.tours").add("service_quality_review_sign_tour", {
    steps: () => [
        {
            content: "sign",
            trigger: "button[name=button_close]",
            run: "click",
        },
        {
            content: "signed, it stays as it is",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "it is signed",
            trigger: ".o_field_widget[name=service_signed_at]",
        },
    ],
});
