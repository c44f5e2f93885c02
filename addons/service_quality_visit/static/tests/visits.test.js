import { after, beforeEach, describe, expect, test } from "@odoo/hoot";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { assets } from "@web/core/assets";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { DeadlineBadge } from "@service_quality_visit/page/deadline_badge";
import { drafts } from "@service_quality_visit/visits/drafts";
import { Outbox } from "@service_quality_visit/visits/outbox";
import { fitted } from "@service_quality_visit/page/sign_dialog";
import { myVisitsService } from "@service_quality_visit/visits/my_visits_action";
import { OutboxStore } from "@service_quality_visit/visits/outbox_store";
import { callUrl, grouped, mapUrl, project } from "@service_quality_visit/visits/visit_model";

describe.current.tags("desktop");
defineMailModels();

let number = 0;

/** An outbox in a database of its own, and a server that answers as a test says. */
function makeOutbox() {
    const store = new OutboxStore(`service_quality_visit.test.${Date.now()}.${number++}`);
    const server = {
        calls: [],
        isReachable: true,
        refusal: null,
        answers: { record_arrival: 55 },
        clock: null,
        async call(method, args, kwargs) {
            if (!this.isReachable) {
                throw new ConnectionLostError("/web/dataset/call_kw");
            }
            if (this.refusal) {
                throw this.refusal;
            }
            this.calls.push([method, ...args, kwargs]);
            return this.answers[method] ?? true;
        },
    };
    const outbox = new Outbox(
        store,
        (...args) => server.call(...args),
        async () => server.clock
    );
    after(() => {
        browser.clearTimeout(outbox.timer);
        indexedDB.deleteDatabase(store.name);
    });
    return { outbox, server, store };
}

function refusal(message) {
    return Object.assign(new RPCError(message), {
        exceptionName: "odoo.exceptions.ValidationError",
        data: { message },
    });
}

/** As the server answers whom it no longer knows. */
function sessionExpired() {
    return Object.assign(new RPCError("Session expired"), {
        exceptionName: "odoo.http.SessionExpiredException",
    });
}

// the browser remembers by how much its clock is wrong
beforeEach(() => browser.localStorage.removeItem("service_quality_visit.clock"));

const methods = (server) => server.calls.map(([method]) => method);

const TICKET = { card: "ticket-7", ticketId: 7, visitId: false };
const VISIT = { card: "visit-55", ticketId: 7, visitId: 55 };

const CARD = {
    id: 55,
    ticket_id: 7,
    state: "planned",
    group: "today",
    work_done: "",
    parts: [],
    photos: [{ id: 3, name: "a.jpg" }],
    planned_at: false,
    arrived_at: false,
    left_at: false,
    signed_at: false,
};

test("what is told is sent at once, with a key of its own", async () => {
    const { outbox, server } = makeOutbox();
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    const [[method, ids, kwargs]] = server.calls;
    expect(method).toBe("record_departure");
    expect(ids).toEqual([55]);
    expect(kwargs.seconds_ago).toBe(0);
    expect(kwargs.external_ref).toMatch(/^[0-9a-f]{16}$/);
    expect(outbox.state.entries).toEqual([]);
});

test("without a connection it is kept, and sent later with the time that has passed", async () => {
    mockDate("2026-03-02 10:00:00");
    const { outbox, server, store } = makeOutbox();
    server.isReachable = false;
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    expect(outbox.state.isConnected).toBe(false);
    expect((await store.all()).length).toBe(1);
    mockDate("2026-03-02 10:30:00");
    server.isReachable = true;
    await outbox.flush();
    expect(server.calls[0].at(-1).seconds_ago).toBe(1800);
    expect(outbox.state.isConnected).toBe(true);
    expect(await store.all()).toEqual([]);
});

test("it is tried again by itself", async () => {
    const { outbox, server } = makeOutbox();
    server.isReachable = false;
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    server.isReachable = true;
    await advanceTime(20000);
    await outbox.flush();
    expect(methods(server)).toEqual(["record_departure"]);
});

test("a page that is opened anew finds what the last one kept", async () => {
    const { outbox, server, store } = makeOutbox();
    server.isReachable = false;
    await outbox.add({ ...VISIT, kind: "work", values: { work_done: "Fan", parts: [] } });
    await outbox.flush();
    server.isReachable = true;
    const next = new Outbox(new OutboxStore(store.name), (...args) => server.call(...args));
    await next.flush();
    expect(server.calls).toEqual([["save_work", [55], { work_done: "Fan", parts: [] }]]);
});

test("a time that was entered is sent as it is", async () => {
    const { outbox, server } = makeOutbox();
    await outbox.add({ ...VISIT, kind: "leave", at: "2026-03-02 09:05:00" });
    await outbox.flush();
    expect(server.calls[0].at(-1).at).toBe("2026-03-02 09:05:00");
    expect("seconds_ago" in server.calls[0].at(-1)).toBe(false);
});

test("what was told of a ticket follows it to its visit", async () => {
    const { outbox, server } = makeOutbox();
    server.isReachable = false;
    await outbox.add({ ...TICKET, kind: "arrive" });
    await outbox.add({ ...TICKET, kind: "photo", values: { name: "a.jpg", data: "QQ==" } });
    await outbox.add({ ...TICKET, kind: "leave" });
    const told = [];
    outbox.onSent(({ entry, visitId }) => told.push([entry.kind, visitId]));
    server.isReachable = true;
    await outbox.flush();
    expect(methods(server)).toEqual(["record_arrival", "add_photo", "record_departure"]);
    expect(server.calls[1].slice(1, 4)).toEqual([[55], "a.jpg", "QQ=="]);
    expect(told).toEqual([
        ["arrive", 55],
        ["photo", 55],
        ["leave", 55],
    ]);
});

test("of what was typed only the last is sent", async () => {
    const { outbox, server } = makeOutbox();
    server.isReachable = false;
    for (const work_done of ["F", "Fa", "Fan"]) {
        await outbox.add({ ...VISIT, kind: "work", values: { work_done, parts: [] } });
        await outbox.flush();
    }
    server.isReachable = true;
    await outbox.flush();
    expect(server.calls.map((call) => call.at(-1).work_done)).toEqual(["Fan"]);
});

test("a reason why nobody signs does not push away the work that waits", async () => {
    const { outbox, server } = makeOutbox();
    server.isReachable = false;
    await outbox.add({ ...VISIT, kind: "work", values: { work_done: "Fan", parts: [] } });
    await outbox.flush();
    await outbox.add({ ...VISIT, kind: "work", values: { unsigned_reason: "Nobody" } });
    server.isReachable = true;
    await outbox.flush();
    expect(server.calls.at(-1).at(-1)).toEqual({
        work_done: "Fan",
        parts: [],
        unsigned_reason: "Nobody",
    });
});

test("what the server refuses waits for the engineer, and other visits go on", async () => {
    const { outbox, server } = makeOutbox();
    server.refusal = refusal("Enter a later time.");
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    server.refusal = null;
    await outbox.add({ ...VISIT, kind: "photo", values: { name: "a.jpg", data: "QQ==" } });
    await outbox.add({ ...VISIT, card: "visit-9", visitId: 9, kind: "leave" });
    await outbox.flush();
    expect(server.calls.map((call) => call[1])).toEqual([[9]]);
    expect(outbox.of("visit-55").map((entry) => entry.error)).toEqual(["Enter a later time.", ""]);
    await outbox.retry("visit-55");
    expect(methods(server)).toEqual(["record_departure", "record_departure", "add_photo"]);
});

test("what was refused can be discarded", async () => {
    const { outbox, server, store } = makeOutbox();
    server.refusal = refusal("No");
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    await outbox.drop((entry) => entry.card === "visit-55");
    expect(outbox.state.entries).toEqual([]);
    expect(await store.all()).toEqual([]);
});

test("a server in trouble refuses nothing", async () => {
    const { outbox, server } = makeOutbox();
    server.refusal = Object.assign(new RPCError("Too many connections"), {
        exceptionName: "psycopg2.OperationalError",
    });
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    expect(outbox.state.trouble).toBe("Too many connections");
    expect(outbox.state.entries[0].error).toBe("");
});

test("the engineer sees what waits as done, and what was refused not", () => {
    const at = new Date("2026-03-02T10:00:00Z").getTime();
    const arrive = { id: 1, kind: "arrive", tapped: at, values: {} };
    const sign = {
        id: 2,
        kind: "sign",
        tapped: at + 60000,
        values: { signed_name: "Ann", work: { work_done: "Fan", parts: [] } },
    };
    expect(project(CARD, []).state).toBe("planned");
    const shown = project(CARD, [arrive, sign]);
    expect([shown.state, shown.work_done, shown.signed_name]).toEqual(["signed", "Fan", "Ann"]);
    expect(shown.left.toMillis()).toBe(at + 60000);
    const refused = project(CARD, [arrive, { ...sign, error: "No" }]);
    expect([refused.state, refused.error]).toEqual(["on_site", "No"]);
});

test("photos that wait are shown with the others", () => {
    const photo = { id: 4, kind: "photo", values: { name: "b.jpg", data: "QQ==" } };
    const shown = project(CARD, [photo]).photos;
    expect(shown[0].src).toBe("/web/image/3/300x300");
    expect(shown[1].src).toBe("data:image/jpeg;base64,QQ==");
    const removal = { id: 5, kind: "removePhoto", values: { id: 3 } };
    expect(project(CARD, [removal]).photos).toEqual([]);
});

test("the day is grouped by what matters first", () => {
    const cards = ["done", "ticket", "on_site"].map((group) => ({ group }));
    expect(grouped(cards).map((group) => group.id)).toEqual(["on_site", "ticket", "done"]);
});

test("a map opens in what the phone has, and a number is called", () => {
    const place = { address: "1 Main St\nTown", latitude: 0, longitude: 0 };
    expect(mapUrl(place, "Android")).toBe("geo:0,0?q=1%20Main%20St%2C%20Town");
    expect(mapUrl({ ...place, latitude: 31.2, longitude: 121.5 }, "Android")).toBe(
        "geo:31.2,121.5?q=31.2,121.5"
    );
    expect(mapUrl(place, "iPhone")).toInclude("maps.apple.com");
    expect(mapUrl(place, "Linux")).toInclude("openstreetmap.org");
    expect(callUrl("+86 (21) 5550-1035")).toBe("tel:+862155501035");
});

test("a draft is there again, and follows a ticket to its visit", () => {
    drafts.write("ticket-7", { work_done: "Fan" });
    drafts.move("ticket-7", "visit-55");
    expect(drafts.read("ticket-7")).toBe(null);
    expect(drafts.read("visit-55")).toEqual({ work_done: "Fan" });
    drafts.remove("visit-55");
    expect(drafts.read("visit-55")).toBe(null);
});

test("SLA case 43: what was taken is shown before the server is asked again", async () => {
    const { outbox, server } = makeOutbox();
    await outbox.refresh(async () => ({ cards: [{ ...CARD, id: false }], more: 0 }));
    server.isReachable = false;
    await outbox.add({ ...TICKET, kind: "arrive" });
    await outbox.add({ ...TICKET, kind: "work", values: { work_done: "Fan" } });
    await outbox.flush();
    drafts.write("ticket-7", { work_done: "Fan and belt" });
    server.isReachable = true;
    await outbox.flush();
    const [card] = outbox.state.day.cards;
    expect([card.id, card.state, card.work_done]).toEqual([55, "on_site", "Fan"]);
    expect(drafts.read("visit-55")).toEqual({ work_done: "Fan and belt" });
    drafts.remove("visit-55");
});

test("SLA case 43: an answer that left before the server took something is old", async () => {
    const { outbox } = makeOutbox();
    const day = (work_done) => ({ cards: [{ ...CARD, work_done }], more: 0 });
    await outbox.refresh(async () => day(""));
    const answers = [];
    const asked = outbox.refresh(() => new Promise((resolve) => answers.push(resolve)));
    await Promise.resolve();
    await Promise.resolve();
    await outbox.add({ ...VISIT, kind: "work", values: { work_done: "Fan" } });
    await outbox.flush();
    answers[0](day(""));
    await new Promise((resolve) => setTimeout(resolve));
    expect(outbox.state.day.cards[0].work_done).toBe("Fan");
    answers[1](day("Fan"));
    await asked;
    expect(outbox.state.day.cards[0].work_done).toBe("Fan");
});

test("SLA case 43: an answer that a later one has overtaken is old", async () => {
    const { outbox } = makeOutbox();
    const answers = [];
    const ask = () => new Promise((resolve) => answers.push(resolve));
    const first = outbox.refresh(ask);
    const second = outbox.refresh(ask);
    answers[1]({ cards: [{ ...CARD, work_done: "Fan" }], more: 0 });
    await second;
    answers[0]({ cards: [CARD], more: 0 });
    await first;
    expect(outbox.state.day.cards[0].work_done).toBe("Fan");
});

test("SLA case 43: what was typed stays on the screen when it was refused", () => {
    const leave = { id: 1, kind: "leave", tapped: 0, values: {}, error: "Too early" };
    const work = { id: 2, kind: "work", values: { work_done: "Fan" }, error: "" };
    const shown = project({ ...CARD, state: "on_site" }, [leave, work]);
    expect([shown.state, shown.work_done]).toEqual(["on_site", "Fan"]);
});

test("SLA case 45: a clock that is corrected before it is sent does no harm", async () => {
    mockDate("2026-03-02 07:00:00"); // three hours slow
    const { outbox, server } = makeOutbox();
    server.clock = Date.now() + 3 * 3600_000;
    await outbox.measure();
    server.isReachable = false;
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    mockDate("2026-03-02 10:30:00"); // half an hour later, and right
    server.clock = Date.now();
    server.isReachable = true;
    await outbox.flush();
    expect(outbox.state.skew).toBe(0);
    expect(server.calls[0].at(-1).seconds_ago).toBe(1800);
});

test("SLA case 45: the difference is kept by the browser, and shown as time", async () => {
    mockDate("2026-03-02 07:00:00");
    const { outbox, server } = makeOutbox();
    server.clock = Date.now() + 3 * 3600_000;
    await outbox.measure();
    const next = makeOutbox().outbox;
    const { skew } = next.state;
    // the clock of the test runs on: a moment may pass between two readings
    expect(Math.abs(skew - 3 * 3600_000)).toBeLessThan(1000);
    expect(Math.abs(next.now() - server.clock)).toBeLessThan(1000);
    const entry = { kind: "arrive", tapped: Date.now(), skew, values: {} };
    const arrived = project(CARD, [entry]).arrived.toMillis();
    expect(Math.abs(arrived - entry.tapped - skew)).toBeLessThan(1000);
});

test("SLA case 45: what is left is counted by the server's clock", async () => {
    mockDate("2026-03-02 07:00:00", 0); // three hours slow
    await mountWithCleanup(DeadlineBadge, {
        props: { deadline: "2026-03-02 10:30:00", burning: "running", skew: 3 * 3600_000 },
    });
    expect(".o_service_ticking").toHaveText("0:30:00");
});

test("SLA case 45: a refused entry is sent with the time that was entered", async () => {
    const { outbox, server } = makeOutbox();
    server.refusal = refusal("Before the ticket was opened");
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    server.refusal = null;
    await outbox.retry("visit-55", "2026-03-02 09:05:00");
    expect(server.calls[0].at(-1).at).toBe("2026-03-02 09:05:00");
});

test("SLA case 45: who is logged out is told so, and nothing is lost", async () => {
    const { outbox, server } = makeOutbox();
    server.refusal = sessionExpired();
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.flush();
    expect(outbox.state.isLoggedOut).toBe(true);
    expect([outbox.state.trouble, outbox.state.entries[0].error]).toEqual(["", ""]);
    server.refusal = null;
    await outbox.flush();
    expect(outbox.state.isLoggedOut).toBe(false);
    expect(methods(server)).toEqual(["record_departure"]);
});

test("what the server has trouble with does not hold up other visits", async () => {
    const { outbox, server } = makeOutbox();
    const { call } = server;
    server.call = (method, args, kwargs) => {
        if (args[0][0] === 55) {
            throw Object.assign(new RPCError("Oops"), { exceptionName: "builtins.KeyError" });
        }
        return call.call(server, method, args, kwargs);
    };
    await outbox.add({ ...VISIT, kind: "leave" });
    await outbox.add({ ...VISIT, card: "visit-9", visitId: 9, kind: "leave" });
    await outbox.flush();
    expect(server.calls.map((sent) => sent[1])).toEqual([[9]]);
    expect(outbox.of("visit-55").length).toBe(1);
});

test("SLA case 34: a signature that no longer fits is drawn smaller, not cut", () => {
    const strokes = [{ penColor: "DarkBlue", points: [{ x: 10, y: 10 }, { x: 700, y: 90 }] }];
    expect(fitted(strokes, 800, 120)[0].points[1]).toEqual({ x: 700, y: 90 });
    const [{ penColor, points }] = fitted(strokes, 350, 220);
    expect(penColor).toBe("DarkBlue");
    expect(points[1].x).toBeLessThan(350);
    expect(points[1].x / points[1].y).toBeCloseTo(700 / 90);
    expect(fitted([], 350, 220)).toEqual([]);
});

test("the page is fetched in time on devices that have opened it, and on no others", async () => {
    const fetched = [];
    patchWithCleanup(assets, { loadBundle: async (name) => fetched.push(name) });
    browser.localStorage.removeItem("service_quality_visit.opened");
    myVisitsService.start();
    expect(fetched).toEqual([]);
    browser.localStorage.setItem("service_quality_visit.opened", "1");
    myVisitsService.start();
    expect(fetched).toEqual(["service_quality_visit.assets_page"]);
    browser.localStorage.removeItem("service_quality_visit.opened");
});
