import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor } from "@odoo/hoot-dom";
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

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    name = fields.Char();
    service_revision = fields.Integer();
    service_event_ids = fields.One2many({
        relation: "service.quality.event",
        relation_field: "ticket_id",
    });
    _records = [{ id: 1, name: "Router down", service_revision: 1, service_event_ids: [1] }];
}

class Event extends models.Model {
    _name = "service.quality.event";
    ticket_id = fields.Many2one({ relation: "helpdesk.ticket" });
    kind_name = fields.Char();
    seconds = fields.Integer();
    _records = [
        { id: 1, ticket_id: 1, kind_name: "Opened", seconds: 20 },
        { id: 2, kind_name: "Assigned", seconds: 30 },
    ];
    _views = {
        "list,of_ticket": `
            <list create="0" edit="0" delete="0">
                <field name="kind_name"/>
                <field name="seconds" sum="Seconds"/>
                <button name="action_void" type="object" string="Void"/>
            </list>`,
        "kanban,of_ticket": `
            <kanban><templates><t t-name="card"><field name="kind_name"/></t></templates></kanban>`,
    };
}
defineMailModels();
defineModels([Ticket, Event]);

const FORM = `
    <form>
        <field name="name"/>
        <notebook>
            <page string="Description"><p>Nothing</p></page>
            <page string="Ledger">
                <field
                    name="service_revision"
                    widget="service_lazy_lines"
                    readonly="1"
                    options="{
                        'lines': 'service_event_ids',
                        'model': 'service.quality.event',
                        'list': 'of_ticket',
                        'kanban': 'of_ticket',
                    }"
                />
            </page>
        </notebook>
    </form>`;

function openForm(resId = 1) {
    onRpc("helpdesk.ticket", "web_read", ({ kwargs }) => {
        const names = Object.keys(kwargs.specification);
        expect.step(names.filter((name) => name !== "display_name").join());
    });
    return mountView({ type: "form", resModel: "helpdesk.ticket", resId, arch: FORM });
}

describe.current.tags("desktop");

test("lines are read when their page is opened, and not before", async () => {
    await openForm();
    expect.verifySteps(["name,service_revision"]);
    await contains(".nav-link:contains(Ledger)").click();
    await waitFor(".o_data_row");
    expect.verifySteps(["service_event_ids"]);
    expect(queryAllTexts(".o_data_row td[name=kind_name]")).toEqual(["Opened"]);
    expect(".o_list_footer").toHaveText(/20/);
});

test("lines are read again when there are more of them, and only then", async () => {
    onRpc("helpdesk.ticket", "web_save", function ({ args }) {
        if (args[1].name === "Down") {
            this.env["helpdesk.ticket"].write([1], {
                service_revision: 2,
                service_event_ids: [[4, 2]],
            });
        }
    });
    onRpc("service.quality.event", "action_void", ({ args }) => {
        expect.step(`void ${args[0]}`);
        return true;
    });
    await openForm();
    await contains(".nav-link:contains(Ledger)").click();
    await waitFor(".o_data_row");
    expect.verifySteps(["name,service_revision", "service_event_ids"]);
    await contains("[name=name] input").edit("Router");
    await contains(".o_form_button_save").click();
    expect.verifySteps([]);
    await contains("[name=name] input").edit("Down");
    await contains(".o_form_button_save").click();
    await waitFor(".o_data_row:eq(1)");
    expect.verifySteps(["service_event_ids"]);
    expect(queryAllTexts(".o_data_row td[name=kind_name]")).toEqual(["Opened", "Assigned"]);
    await contains("button[name=action_void]:first").click();
    await animationFrame();
    expect.verifySteps(["void 1", "name,service_revision"]);
});

test("a new record has no lines to read", async () => {
    await openForm(false);
    await contains(".nav-link:contains(Ledger)").click();
    expect(".o_list_renderer").toHaveCount(0);
    expect.verifySteps([]);
});
