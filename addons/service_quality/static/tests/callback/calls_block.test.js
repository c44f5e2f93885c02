import { expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { Desk } from "@service_quality/desk/desk/desk";

defineMailModels();

test.tags("desktop");
test("the desk shows them in a block of their own, with their list behind it", async () => {
    onRpc("service.quality.desk", "overview", () => ({
        now: "2026-03-02 10:00:00",
        next_at: false,
        scope: "all",
        scopes: ["all"],
        handovers: [],
        can_hand_over: false,
        blocks: [
            {
                key: "calls",
                count: 0,
                more: false,
                model: "service.quality.callback",
                domain: [["id", "=", 1]],
                lines: [],
            },
        ],
    }));
    mockService("action", {
        loadAction: (xmlid) => ({ xmlid, views: [] }),
        doAction: ({ xmlid, name, domain }) => expect.step([xmlid, name, domain]),
    });
    await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Desk, { props: { action: {} } });
    expect("[data-block=calls] .o_service_desk_empty").toHaveText(/No customer waits for a call/);
    await contains("[data-block=calls] .o_service_desk_title").click();
    expect.verifySteps([["service_quality.service_quality_callback_action", "Follow-up calls due", [["id", "=", 1]]]]);
});
