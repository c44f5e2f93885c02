import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    name = fields.Char();
    _records = [{ id: 1, name: "Router down" }];
}
defineMailModels();
defineModels([Ticket]);

const SEARCH = `
    <search>
        <filter name="service_late" string="Late" domain="[('name', '!=', False)]"/>
        <filter name="service_at_risk" string="At risk" domain="[('name', '=', False)]"/>
    </search>`;

test("what burns is counted up to a thousand, and a click filters the list", async () => {
    onRpc("helpdesk.ticket", "service_count_burning", () => ({
        late: 1001,
        at_risk: 1000,
        paused: 0,
        no_agreement: 0,
    }));
    await mountView({
        type: "list",
        resModel: "helpdesk.ticket",
        arch: `<list js_class="service_ticket_list"><field name="name"/></list>`,
        searchViewArch: SEARCH,
    });
    expect(queryAllTexts(".o_service_burning button")).toEqual(["Late1000+", "At risk1000"]);
    await contains(".o_service_burning [data-filter=service_late]").click();
    await animationFrame();
    expect(".o_searchview_facet").toHaveText("Late");
    expect(".o_service_burning [data-filter=service_late]").toHaveClass("active");
});
