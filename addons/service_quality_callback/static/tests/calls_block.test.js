import { test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expectDeskBlock } from "@service_quality_desk/../tests/desk_block";

defineMailModels();

test.tags("desktop");
test("the desk shows them in a block of their own, with their list behind it", async () => {
    await expectDeskBlock("calls", {
        model: "service.quality.callback",
        title: "Follow-up calls due",
        empty: /No customer waits for a call/,
        action: "service_quality_callback.service_quality_callback_action",
    });
});
