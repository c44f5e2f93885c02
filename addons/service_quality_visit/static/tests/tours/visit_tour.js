import { queryOne } from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";

/** Draw over a field as a finger does. */
function draw(canvas) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const at = (share, depth) => ({
        bubbles: true,
        clientX: left + width * share,
        clientY: top + height * depth,
        pointerId: 1,
        pointerType: "touch",
        isPrimary: true,
        buttons: 1,
        button: 0,
        pressure: 0.5,
    });
    canvas.dispatchEvent(new PointerEvent("pointerdown", at(0.2, 0.7)));
    for (const [share, depth] of [[0.3, 0.2], [0.4, 0.8], [0.6, 0.3], [0.8, 0.6]]) {
        canvas.ownerDocument.dispatchEvent(new PointerEvent("pointermove", at(share, depth)));
    }
    const lifted = { ...at(0.8, 0.6), buttons: 0, pressure: 0 };
    canvas.ownerDocument.dispatchEvent(new PointerEvent("pointerup", lifted));
}

/** A photo as a camera hands it over. */
async function takePhoto(input) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 640, height: 480 });
    canvas.getContext("2d").fillRect(100, 100, 200, 200);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const files = new DataTransfer();
    files.items.add(new File([blob], "camera.png", { type: "image/png" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** An engineer arrives, works and has the sheet signed, on a phone. */
registry.category("web_tour.tours").add("service_quality_visit_tour", {
    url: "/odoo/my-visits",
    steps: () => [
        {
            content: "the ticket is in the list, with where it is",
            trigger: ".o_service_visit_card:contains('Tour: no dial tone'):contains('Main Street')",
            run: "click",
        },
        {
            content: "the place opens a map",
            trigger: ".o_service_map[href*='Main%20Street']",
        },
        {
            content: "a tap calls the contact",
            trigger: ".o_service_phone[href='tel:+862155501035']",
        },
        {
            content: "nothing is wider than the phone",
            trigger: ".o_service_visit",
            run: () => {
                const { scrollWidth, clientWidth } = document.documentElement;
                if (scrollWidth > clientWidth) {
                    throw new Error(`${scrollWidth} px on a screen of ${clientWidth}`);
                }
                const { bottom, height } = queryOne(".o_service_arrive").getBoundingClientRect();
                if (height < 48 || bottom > window.innerHeight || bottom < 0.8 * window.innerHeight) {
                    throw new Error("the button is out of the thumb's reach");
                }
            },
        },
        {
            content: "arrive",
            trigger: ".o_service_arrive",
            run: "click",
        },
        {
            content: "the server knows, and the visit has an address of its own",
            trigger: "[data-state=on_site] .o_service_arrived",
        },
        {
            content: "what is missing is said before the customer has the phone",
            trigger: ".o_service_sign_button",
            run: "click",
        },
        {
            content: "write down the work",
            trigger: "body:has(.o_notification:contains('Write down what was done')) textarea[name=work_done]",
            run: "edit Line card replaced, dial tone is back",
        },
        {
            content: "a part",
            trigger: ".o_service_add_part",
            run: "click",
        },
        {
            trigger: ".o_service_part_name",
            run: "edit Line card",
        },
        {
            trigger: ".o_service_part_serial",
            run: "edit LC-77",
        },
        {
            trigger: ".o_service_part_place",
            run: "edit Van 3",
        },
        {
            content: "a photo",
            trigger: ".o_service_camera input:not(:visible)",
            run: ({ anchor }) => takePhoto(anchor),
        },
        {
            content: "the photo is on the server",
            trigger: ".o_service_photo img[src^='/web/image/']",
        },
        {
            content: "have it signed",
            trigger: ".o_service_sign_button",
            run: "click",
        },
        {
            content: "the customer reads what was done",
            trigger: ".o_service_sign_page:contains('dial tone is back'):contains('Line card'):contains('LC-77')",
        },
        {
            content: "nobody has signed yet",
            trigger: ".modal-footer:has(.o_service_confirm[disabled])",
        },
        {
            trigger: "input[name=signed_name]",
            run: "edit Ann Smith",
        },
        {
            content: "sign with a finger",
            trigger: ".o_service_signature",
            run: ({ anchor }) => draw(anchor),
        },
        {
            trigger: ".o_service_confirm:enabled",
            run: "click",
        },
        {
            content: "signed, with the number of the sheet",
            trigger: "[data-state=signed] button:contains('Service sheet FS/')",
        },
        {
            content: "and back in the list among what is done",
            trigger: ".o_service_back",
            run: "click",
        },
        {
            trigger: ".o_service_day section:contains('Signed today') .o_service_visit_card:contains('Tour: no dial tone')",
        },
    ],
});
