import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllAttributes, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import { columnsOf, Register, SIGNS } from "@service_quality_regulation/register/register";

describe.current.tags("desktop");
defineMailModels();

const STATES = [
    ["not_fulfilled", "Not fulfilled"],
    ["overdue", "Overdue"],
    ["due", "Due"],
    ["corrected", "Not fulfilled, corrected"],
    ["fulfilled_late", "Fulfilled late"],
    ["fulfilled", "Fulfilled"],
    ["nothing", "Nothing to do"],
    ["not_applicable", "Not applicable"],
    ["not_supported", "Not yet supported"],
];

function makeCell(id, month, state, values = {}) {
    return {
        id,
        month,
        span: 1,
        label: `2026-0${month + 1}`,
        state,
        why: "enough",
        note: false,
        due_count: 0,
        done_count: 0,
        missing_count: 0,
        late_count: 0,
        lost_count: 0,
        late_on: false,
        ...values,
    };
}

function makeRow(id, code, cells) {
    return {
        id,
        clause_id: id,
        code,
        heading: `Heading of ${code}`,
        name: `Name of ${code}`,
        who: "Service Desk",
        how_often: "At all times",
        cells,
    };
}

function makeRegister(values = {}) {
    const counted = { due_count: 22, done_count: 19, missing_count: 3 };
    return {
        regulations: [{ id: 1, name: "A · IT" }],
        regulation_id: 1,
        company: "Us",
        year: 2026,
        as_of: false,
        states: STATES,
        whys: { enough: "There is enough." },
        counts: Object.fromEntries(STATES.map(([state]) => [state, 0])),
        chapters: [
            {
                name: "Service desk",
                rows: [
                    makeRow(1, "A3.5.2", [
                        makeCell(11, 0, "fulfilled", { due_count: 17, done_count: 17 }),
                        makeCell(12, 2, "overdue", counted),
                    ]),
                    makeRow(2, "A3.1.3", [makeCell(21, 0, "not_supported", { span: 12 })]),
                ],
            },
        ],
        ...values,
    };
}

async function mountRegister(register = makeRegister()) {
    const asked = [];
    onRpc("service.quality.register", "matrix", ({ kwargs }) => {
        asked.push(kwargs);
        return { ...register, year: kwargs.year || register.year };
    });
    const done = [];
    mockService("action", { doAction: (action) => done.push(action) });
    await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Register, { props: { action: {} } });
    return { asked, done };
}

test("cells stand in their months", () => {
    const cells = [makeCell(2, 6, "due", { span: 3 }), makeCell(1, 2, "fulfilled")];
    const spans = columnsOf(cells).map((one) => [one.cell ? one.cell.id : 0, one.span]);
    expect(spans).toEqual([
        [0, 2],
        [1, 1],
        [0, 3],
        [2, 3],
        [0, 3],
    ]);
    expect(columnsOf([]).map((one) => one.span)).toEqual([12]);
});

test("what is counted stands in the cell, with a sign beside the colour", async () => {
    await mountRegister();
    const [fulfilled, overdue, unsupported] = queryAllTexts(".o_service_register_cell");
    expect(fulfilled).toMatch(/17\/17\s+Fulfilled$/);
    expect(overdue).toMatch(/19\/22\s+Overdue$/);
    expect(unsupported).not.toMatch(/\d\/\d/);
    expect(".o_service_register_overdue .fa-exclamation-triangle").toHaveCount(1);
    expect(".o_service_register_not_supported .fa-ban").toHaveCount(1);
    expect(queryAllAttributes(".o_service_register_overdue", "aria-label")[0]).toInclude(
        "Overdue"
    );
});

test("a cell opens what is missing, or why it stands so", async () => {
    const { done } = await mountRegister();
    onRpc("service.quality.compliance", "action_open_missing", ({ args }) => {
        expect.step(`missing ${args[0]}`);
        return { type: "missing" };
    });
    onRpc("service.quality.compliance", "action_open_evidence", ({ args }) => {
        expect.step(`evidence ${args[0]}`);
        return { type: "evidence" };
    });
    await contains(".o_service_register_overdue").click();
    await contains(".o_service_register_fulfilled").click();
    expect.verifySteps(["missing 12", "evidence 11"]);
    await contains(".o_service_register_not_supported").click();
    expect(done.at(-1).res_id).toBe(21);
});

test("what is worst stands first, until clauses are asked for", async () => {
    const rows = [
        makeRow(1, "A1", [makeCell(1, 0, "fulfilled"), makeCell(2, 1, "nothing")]),
        makeRow(2, "A2", [makeCell(3, 0, "not_applicable")]),
        makeRow(3, "A3", [makeCell(4, 0, "fulfilled_late")]),
        makeRow(4, "A4", [makeCell(5, 0, "due")]),
        makeRow(5, "A5", [makeCell(6, 0, "overdue")]),
        makeRow(6, "A6", [makeCell(7, 0, "fulfilled"), makeCell(8, 1, "not_fulfilled")]),
    ];
    await mountRegister(makeRegister({ chapters: [{ name: "Desk", rows }] }));
    const codes = () => queryAllAttributes(".o_service_register_row", "data-code");
    expect(codes()).toEqual(["A6", "A5", "A4", "A3", "A1", "A2"]);
    expect(queryAllTexts(".o_service_register_chapter")[0]).toBe("Not fulfilled");
    await contains(".o_service_register_order").click();
    expect(codes()).toEqual(["A1", "A2", "A3", "A4", "A5", "A6"]);
    expect(queryAllTexts(".o_service_register_chapter")).toEqual(["Desk"]);
});

test("each state has a sign of its own", () => {
    const icons = STATES.map(([state]) => SIGNS[state].icon);
    expect(new Set(icons).size).toBe(STATES.length);
});

test("arrows go from cell to cell", async () => {
    const { done } = await mountRegister();
    await contains(".o_service_register_fulfilled").focus();
    await press("ArrowRight");
    expect(".o_service_register_overdue").toBeFocused();
    await press("ArrowDown");
    expect(".o_service_register_not_supported").toBeFocused();
    await press("ArrowUp");
    expect(".o_service_register_fulfilled").toBeFocused();
    await press("i");
    await animationFrame();
    expect(done.at(-1).res_id).toBe(11);
});

test("a status filters rows, and frees them again", async () => {
    await mountRegister();
    await contains("[data-state='overdue'].btn").click();
    expect(queryAllAttributes(".o_service_register_row", "data-code")).toEqual(["A3.5.2"]);
    expect("[data-state='overdue'].btn").toHaveAttribute("aria-pressed", "true");
    await contains("[data-state='overdue'].btn").click();
    expect(".o_service_register_row").toHaveCount(2);
    await contains("[data-state='due'].btn").click();
    expect(".o_view_nocontent").toHaveText(/No obligation stands so/);
});

test("another year and another day are asked for", async () => {
    const { asked } = await mountRegister();
    await contains("button[title='The year before']").click();
    expect(asked.at(-1).year).toBe(2025);
    expect(asked.at(-1).regulation_id).toBe(1);
    const day = queryOne("input[type=date]");
    day.value = "2026-03-31";
    day.dispatchEvent(new Event("change"));
    await animationFrame();
    expect(asked.at(-1).as_of).toBe("2026-03-31");
});

test("nothing in force says what to do", async () => {
    await mountRegister(makeRegister({ regulations: [], chapters: [] }));
    expect(".o_view_nocontent").toHaveText(/No regulation is in force/);
});
