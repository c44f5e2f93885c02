import { test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expectDeskBlock } from "@service_quality_desk/../tests/desk_block";

defineMailModels();

test.tags("desktop");
test("the desk shows them in a block of their own, with their list behind it", async () => {
    await expectDeskBlock("complaints", {
        model: "helpdesk.ticket",
        title: "Complaints open",
        empty: /No complaint is open/,
        action: "service_quality_complaint.helpdesk_ticket_complaint_action",
    });
});
