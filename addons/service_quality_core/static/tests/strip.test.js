import { describe, expect, test } from "@odoo/hoot";
import { click, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import {
    isClosedAt,
    percentAt,
    readClock,
    splitClocks,
    usedAt,
} from "@service_quality_core/strip/clock_model";
import { layOut } from "@service_quality_core/strip/timeline_dialog";

describe.current.tags("desktop");

const NOW = "2026-03-02 10:00:00";

function makeClock(values) {
    return {
        id: 1,
        name: "Resolution",
        round: 0,
        cycle: 1,
        promise: "4 h · Office",
        agreement: "C-1 Support",
        kind: "sla",
        calendar: "Office",
        zone: "UTC",
        burning: "running",
        state: "running",
        verdict: false,
        counted: true,
        deadline_set: false,
        target_seconds: 4 * 3600,
        used_seconds: 3600,
        pause: false,
        started_at: "2026-03-02 09:00:00",
        deadline: "2026-03-02 14:00:00",
        warning_at: "2026-03-02 13:00:00",
        paused_at: false,
        stopped_at: false,
        judged_at: false,
        open: [
            ["2026-03-02 10:00:00", "2026-03-02 12:00:00"],
            ["2026-03-02 13:00:00", "2026-03-02 14:00:00"],
        ],
        ...values,
    };
}

const at = (text) => luxon.DateTime.fromSQL(text, { zone: "utc" }).toSeconds();

test("time is used in open hours only", () => {
    const clock = readClock(makeClock(), NOW);
    expect(usedAt(clock, at("2026-03-02 10:00:00"))).toBe(3600);
    expect(usedAt(clock, at("2026-03-02 11:30:00"))).toBe(3600 + 5400);
    expect(usedAt(clock, at("2026-03-02 12:30:00"))).toBe(3 * 3600);
    expect(usedAt(clock, at("2026-03-02 13:00:00"))).toBe(3 * 3600);
    expect(usedAt(clock, at("2026-03-02 14:00:00"))).toBe(4 * 3600);
    expect(percentAt(clock, at("2026-03-02 12:30:00"))).toBe(75);
    expect(isClosedAt(clock, at("2026-03-02 12:30:00"))).toBe(true);
    expect(isClosedAt(clock, at("2026-03-02 13:30:00"))).toBe(false);
});

test("a reading older than the present does not count its past twice", () => {
    const clock = readClock(
        makeClock({ open: [["2026-03-02 09:30:00", "2026-03-02 12:00:00"]] }),
        NOW
    );
    expect(usedAt(clock, at("2026-03-02 10:10:00"))).toBe(3600 + 600);
});

test("open targets come first; replaced ones and those beyond the room are folded", () => {
    const clock = (id, state, verdict, counted = true, name = `metric ${id}`) => {
        return { id, state, verdict, counted, name };
    };
    const clocks = [
        clock(1, "running", false),
        clock(2, "paused", false),
        clock(3, "done", "met"),
        clock(4, "done", "missed"),
        clock(5, "cancelled", false, false),
        clock(6, "done", "met", false),
    ];
    const { shown, folded } = splitClocks(clocks, 3);
    expect(shown.map((clock) => clock.id)).toEqual([1, 2, 3]);
    expect(folded.map((clock) => clock.id)).toEqual([4, 5, 6]);
    expect(splitClocks(clocks, 1).shown.map((clock) => clock.id)).toEqual([1, 2]);
    const rounds = [
        clock(7, "done", "met", true, "update"),
        clock(8, "done", "met", true, "update"),
        clock(9, "done", "met", true, "first response"),
    ];
    expect(splitClocks(rounds, 2).shown.map((clock) => clock.id)).toEqual([7, 9]);
});

test("the timeline reaches to the deadline, and its pieces fill it up to now", () => {
    const row = layOut({
        start: "2026-03-02 09:00:00",
        end: "2026-03-02 11:00:00",
        clock: makeClock({ deadline: "2026-03-02 13:00:00" }),
        pieces: [
            ["2026-03-02 09:00:00", "2026-03-02 10:00:00", "worked"],
            ["2026-03-02 10:00:00", "2026-03-02 11:00:00", "waiting_customer"],
        ],
        holders: [],
        events: [
            { id: 1, at: "2026-03-02 09:00:00" },
            { id: 2, at: "2026-03-02 09:00:00" },
            { id: 3, at: "2026-03-01 09:00:00" },
        ],
    });
    expect(row.pieces.map(({ left, width }) => [left, width])).toEqual([
        [0, 25],
        [25, 25],
    ]);
    expect(row.ahead).toEqual({ left: 50, width: 50 });
    expect(row.deadline).toBe(100);
    expect(row.events).toHaveLength(2); // what came before the clock is not on its row
    expect(row.events[1].left > row.events[0].left).toBe(true);
});

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    name = fields.Char();
    deadline = fields.Datetime();
    status = fields.Selection({
        selection: [
            ["late", "Late"],
            ["at_risk", "At risk"],
            ["running", "On time"],
            ["paused", "Paused"],
            ["none", "None"],
        ],
    });
    service_strip = fields.Json();
    _records = [
        { id: 1, name: "A", deadline: "2026-03-02 10:00:40", status: "running" },
        { id: 2, name: "B", deadline: false, status: "paused" },
        { id: 3, name: "C", deadline: false, status: "none" },
    ];
}
defineMailModels();
defineModels([Ticket]);

const LIST = `
    <list>
        <field name="status" column_invisible="1"/>
        <field name="deadline" widget="service_countdown" options="{'state_field': 'status'}"/>
    </list>`;

test("a deadline in a list ticks, and turns late without asking the server", async () => {
    mockDate(NOW);
    await mountView({ type: "list", resModel: "helpdesk.ticket", arch: LIST });
    onRpc(({ method }) => expect.step(method));
    const texts = queryAllTexts(".o_data_cell");
    expect(texts[0]).toMatch(/^On time0:00:[34]\d$/);
    expect(texts.slice(1)).toEqual(["Paused", "–"]);
    expect(".o_data_cell .fa-clock-o").toHaveCount(1);
    await advanceTime(20_000);
    await animationFrame();
    expect(queryAllTexts(".o_data_cell")[0]).toMatch(/^On time0:00:[12]\d$/);
    await advanceTime(30_000);
    await animationFrame();
    expect(queryAllTexts(".o_data_cell")[0]).toMatch(/^Late0:00:\d\d$/);
    expect(".o_data_cell .fa-exclamation-circle").toHaveCount(1);
    expect.verifySteps([]);
});

const FORM = `<form><field name="service_strip" widget="service_strip" readonly="1"/></form>`;

function showStrip(clocks, explained = true) {
    Ticket._records[0].service_strip = { now: NOW, explained, clocks };
    return mountView({ type: "form", resModel: "helpdesk.ticket", resId: 1, arch: FORM });
}

test("a card tells what is left, how much is used and who promised it", async () => {
    mockDate(NOW);
    await showStrip([makeClock()]);
    expect(".o_service_card").toHaveClass("o_service_running");
    expect(".o_service_card header .badge").toHaveText("On time");
    expect(".o_service_left").toHaveText(/^4:00:00\s*remaining$/);
    expect(queryOne(".o_service_bar").getAttribute("aria-valuenow")).toBe("25");
    expect(".o_service_card").toHaveText(/1 h of 4 h used/);
    expect(".o_service_card footer").toHaveText(/C-1 Support/);
    await advanceTime(2.5 * 3600 * 1000);
    await animationFrame();
    expect(".o_service_left").toHaveText(/closed now/);
    expect(".o_service_card").toHaveText(/3 h of 4 h used/);
});

test("a pause says since when and why, a deadline by hand says so", async () => {
    mockDate(NOW);
    await showStrip([
        makeClock({
            burning: "paused",
            state: "paused",
            deadline: false,
            paused_at: "2026-03-02 09:30:00",
            pause: "Waiting for customer",
            open: [],
            deadline_set: true,
        }),
    ]);
    expect(".o_service_left").toHaveText(/since .*Waiting for customer/);
    expect(".o_service_card .fa-hand-paper-o").toHaveCount(1);
    expect(".o_service_ticking").toHaveCount(0);
});

test("a pause with an end turns into running without asking the server", async () => {
    mockDate(NOW);
    await showStrip([
        makeClock({
            burning: "paused",
            paused_at: "2026-03-02 09:30:00",
            running_since: "2026-03-02 10:30:00",
            pause: "Waiting for customer",
            open: [["2026-03-02 10:30:00", "2026-03-02 14:00:00"]],
        }),
    ]);
    expect(".o_service_left").toHaveText(/from .* to .*Waiting for customer/);
    expect(".o_service_card header .badge").toHaveText("Paused");
    await advanceTime(3600 * 1000);
    await animationFrame();
    expect(".o_service_card header .badge").toHaveText("On time");
    expect(".o_service_left").toHaveText(/3:00:00\s*remaining/);
});

test("replaced targets are folded away until they are asked for", async () => {
    mockDate(NOW);
    const replaced = { burning: "cancelled", state: "cancelled", counted: false, open: [] };
    await showStrip([makeClock(), makeClock({ id: 2, ...replaced })]);
    expect(".o_service_card").toHaveCount(1);
    await click("button:contains(Show 1 more)");
    await animationFrame();
    expect(".o_service_card").toHaveCount(2);
    expect(".o_service_card:last").toHaveText(/not counted/);
});

test("a ticket without a promise says so", async () => {
    await showStrip([]);
    expect(".o_service_strip").toHaveText(/Nothing was promised/);
});

test("who may not read the ledger is not offered an explanation", async () => {
    await showStrip([makeClock()], false);
    expect(".o_service_card").toHaveCount(1);
    expect(".o_service_why").toHaveCount(0);
});

test("asking why opens the row of wall time, its sum and the choice", async () => {
    mockDate(NOW);
    onRpc("helpdesk.ticket", "service_timeline", ({ args }) => {
        expect.step(args);
        return {
            clock: makeClock(),
            start: "2026-03-02 08:00:00",
            end: NOW,
            pieces: [
                ["2026-03-02 08:00:00", "2026-03-02 09:00:00", "closed"],
                ["2026-03-02 09:00:00", "2026-03-02 10:00:00", "worked"],
            ],
            sums: { closed: 3600, worked: 3600 },
            holders: [],
            events: [],
            steps: [
                { target: "Resolution 4 h", agreement: "C-1", chosen: true, reason: "applies" },
                { target: "Resolution 8 h", agreement: "C-2", chosen: false, reason: "not in force" },
            ],
        };
    });
    await showStrip([makeClock()]);
    await click(".o_service_why");
    await animationFrame();
    await animationFrame();
    expect.verifySteps([[[1], 1]]);
    expect(".o_service_piece.o_piece_worked").toHaveCount(1);
    expect(queryOne(".o_service_sum").textContent.replace(/\s+/g, " ").trim()).toBe(
        "1 h closed hours + 1 h worked = 2 h"
    );
    expect(queryAllTexts(".o_service_steps li")).toEqual([
        "Resolution 4 h, C-1: applies",
        "Resolution 8 h, C-2: not in force",
    ]);
});
