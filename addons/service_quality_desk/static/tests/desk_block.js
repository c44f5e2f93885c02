import { expect } from "@odoo/hoot";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { Desk } from "@service_quality_desk/desk/desk";

/** Expect that the desk shows an empty block, and opens the list behind it.
 *
 * @param {string} key
 * @param {{ model: string, title: string, empty: RegExp, action: string }} look
 */
export async function expectDeskBlock(key, { model, title, empty, action }) {
    const domain = [["id", "=", 1]];
    onRpc("service.quality.desk", "overview", () => ({
        now: "2026-03-02 10:00:00",
        next_at: false,
        scope: "all",
        scopes: ["all"],
        handovers: [],
        can_hand_over: false,
        blocks: [{ key, count: 0, more: false, model, domain, lines: [] }],
    }));
    mockService("action", {
        loadAction: (xmlid) => ({ xmlid, views: [] }),
        doAction: (list) => expect.step([list.xmlid, list.name, list.domain]),
    });
    await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Desk, { props: { action: {} } });
    expect(`[data-block=${key}] .o_service_desk_empty`).toHaveText(empty);
    await contains(`[data-block=${key}] .o_service_desk_title`).click();
    expect.verifySteps([[action, title, domain]]);
}
