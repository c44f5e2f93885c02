import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { getDefaultConfig } from "@web/views/view";
import { Desk } from "@service_quality_desk/desk/desk";
import { PAUSE, POLL, Refresher, SETTLE } from "@service_quality_desk/desk/refresher";

describe.current.tags("desktop");
defineMailModels();

const NOW = "2026-03-02 10:00:00";
const SECOND = 1000;

beforeEach(() => {
    registry.category("service_quality_desk.desk_blocks").add(
        "parcels",
        {
            title: "Parcels to send",
            icon: "fa-cube",
            color: "info",
            empty: "No parcel waits",
            hint: "Each order brings one here.",
            action: "parcels.action",
        },
        { force: true }
    );
});

function makeLine(values) {
    return {
        id: 1,
        number: "HT1",
        title: "Router down",
        customer: "Acme, Ann",
        user: "Chen",
        what: "Resolution",
        burning: "late",
        deadline: "2026-03-02 09:59:00",
        warning_at: false,
        ...values,
    };
}

function makeOverview(blocks = {}, values = {}) {
    const keys = ["late", "soon", "parcels"];
    return {
        now: NOW,
        next_at: false,
        scope: "all",
        scopes: ["mine", "team", "all"],
        handovers: [],
        can_hand_over: true,
        blocks: keys.map((key) => ({
            key,
            count: 0,
            more: false,
            model: key === "parcels" ? "parcel" : "helpdesk.ticket",
            domain: [["id", "=", 1]],
            lines: [],
            ...blocks[key],
        })),
        ...values,
    };
}

/** Answer the page's questions; each is a step with the scope it asks for. */
function answer(getOverview) {
    onRpc("service.quality.desk", "overview", ({ kwargs }) => {
        expect.step(`ask ${kwargs.scope}`);
        return getOverview(kwargs);
    });
}

async function mountDesk() {
    mockDate(NOW);
    await makeMockEnv({ config: getDefaultConfig() });
    return mountWithCleanup(Desk, { props: { action: {} } });
}

test("blocks with counts, lines with running countdowns, and hints where nothing is", async () => {
    answer(() =>
        makeOverview({
            late: { count: 1000, more: true, lines: [makeLine()] },
            soon: {
                count: 1,
                lines: [
                    makeLine({
                        id: 2,
                        burning: "running",
                        deadline: "2026-03-02 10:00:50",
                        warning_at: "2026-03-02 10:00:25",
                    }),
                ],
            },
        })
    );
    await mountDesk();
    expect(queryAllTexts(".o_service_desk_title")).toEqual([
        "Late\n1000+",
        "Late within the hour\n1",
        "Parcels to send\n0",
    ]);
    expect("[data-block=late] .badge").toHaveText(/^Late0:01:0\d$/);
    expect("[data-block=late] .o_service_desk_about").toHaveText(
        "HT1 · Resolution · Acme, Ann · Chen"
    );
    expect("[data-block=soon] .badge").toHaveText(/^On time0:00:[45]\d$/);
    expect("[data-block=parcels] .o_service_desk_empty").toHaveText(/No parcel waits/);
    await advanceTime(30 * SECOND);
    await animationFrame();
    expect("[data-block=soon] .badge").toHaveText(/^At risk0:00:[12]\d$/);
    await advanceTime(25 * SECOND);
    await animationFrame();
    expect("[data-block=soon] .badge").toHaveText(/^Late0:00:\d\d$/);
    expect("[data-block=soon] .badge .fa-exclamation-circle").toHaveCount(1);
    expect.verifySteps(["ask null"]);
});

test("a line without a promise has no badge", async () => {
    answer(() =>
        makeOverview({
            parcels: { count: 1, lines: [makeLine({ burning: "none", deadline: false })] },
        })
    );
    await mountDesk();
    expect("[data-block=parcels] .o_service_desk_line").toHaveCount(1);
    expect("[data-block=parcels] .badge").toHaveCount(0);
    expect.verifySteps(["ask null"]);
});

test("a count opens its list, a line its ticket; up, down and Enter do the same", async () => {
    answer(() =>
        makeOverview({
            late: { count: 1, lines: [makeLine({ id: 7 })] },
            parcels: { count: 1, lines: [makeLine({ id: 8 })] },
        })
    );
    mockService("action", {
        loadAction: (xmlid) => ({
            xmlid,
            context: "{'search_default_open': 1, 'default_team_id': 3}",
            views: [
                [3, "list"],
                [4, "form"],
            ],
        }),
        doAction: ({ xmlid, name, res_model, res_id, domain, context, views }) => {
            expect.step(
                res_id ? `${res_model} ${res_id} ${views}` : [xmlid, name, domain, context]
            );
        },
    });
    await mountDesk();
    const domain = [["id", "=", 1]];
    expect.verifySteps(["ask null"]);
    await contains("[data-block=late] .o_service_desk_title").click();
    expect.verifySteps([
        [
            "service_quality_core.helpdesk_ticket_action",
            "Late",
            domain,
            { default_team_id: 3, active_test: false },
        ],
    ]);
    expect("[data-block=late] .o_service_desk_title").toBeFocused();
    await press("ArrowDown");
    expect("[data-block=late] .o_service_desk_line").toBeFocused();
    await press("Enter");
    await animationFrame();
    expect.verifySteps(["helpdesk.ticket 7 4,form"]);
    await press("ArrowDown");
    expect("[data-block=soon] .o_service_desk_title").toBeFocused();
    await press("ArrowDown");
    await press("ArrowDown");
    expect("[data-block=parcels] .o_service_desk_line").toBeFocused();
    await press("Enter");
    await animationFrame();
    expect.verifySteps(["parcel 8 4,form"]);
    await press("ArrowUp");
    expect("[data-block=parcels] .o_service_desk_title").toBeFocused();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([
        [
            "parcels.action",
            "Parcels to send",
            domain,
            { default_team_id: 3, active_test: false },
        ],
    ]);
});

test("shifts that nobody has taken over yet stand on top, one's own turn stands out", async () => {
    const handover = { name: "First line · Chen → Wang", at: NOW, question: false, turn: false };
    answer(() =>
        makeOverview(
            {},
            {
                handovers: [
                    { id: 4, ...handover },
                    { id: 5, ...handover, question: true, turn: true },
                ],
            }
        )
    );
    mockService("action", {
        doAction: ({ res_model, res_id }) => expect.step([res_model, res_id]),
    });
    await mountDesk();
    expect.verifySteps(["ask null"]);
    expect(".o_service_desk_handover").toHaveCount(2);
    expect(".o_service_desk_handover[data-id='4']").toHaveText(
        /First line · Chen → Wang: handed over at .*, not taken over yet/
    );
    expect(".o_service_desk_handover[data-id='4'] b").toHaveCount(0);
    expect(".o_service_desk_handover[data-id='5']").toHaveText(
        /a question is open.*It is your turn/
    );
    await contains(".o_service_desk_handover[data-id='5']").click();
    await contains(".o_service_desk_hand_over").click();
    expect.verifySteps([
        ["service.quality.handover", 5],
        ["service.quality.handover", false],
    ]);
});

test("the scope is asked for, and remembered for the user", async () => {
    patchWithCleanup(user, {
        get settings() {
            return { id: 1, service_desk_scope: "team" };
        },
        setUserSettings: async (name, value) => expect.step([name, value]),
    });
    answer(({ scope }) => makeOverview({}, { scope }));
    await mountDesk();
    expect.verifySteps(["ask team"]);
    expect("[data-scope=team]").toHaveClass("active");
    await contains("[data-scope=mine]").click();
    expect.verifySteps([["service_desk_scope", "mine"], "ask mine"]);
    expect("[data-scope=mine]").toHaveAttribute("aria-pressed", "true");
    expect("[data-scope=team]").not.toHaveClass("active");
});

test("who may not see everything is not offered it", async () => {
    answer(() =>
        makeOverview({}, { scope: "team", scopes: ["mine", "team"], can_hand_over: false })
    );
    await mountDesk();
    expect(".o_service_desk_hand_over").toHaveCount(0);
    expect(queryAllTexts("[data-scope]")).toEqual(["My", "My team's"]);
    expect.verifySteps(["ask null"]);
});

test("a nudge brings one question, after what else may happen meanwhile", async () => {
    let hear = null;
    mockService("bus_service", {
        addChannel: (channel) => expect.step(`hear ${channel}`),
        deleteChannel: (channel) => expect.step(`stop hearing ${channel}`),
        subscribe: (type, callback) => {
            hear = type === "service_quality_desk.desk" ? callback : hear;
        },
        unsubscribe: (type, callback) => {
            hear = callback === hear ? null : hear;
        },
    });
    let count = 0;
    answer(() => makeOverview({ late: { count: count++ } }));
    const desk = await mountDesk();
    expect.verifySteps(["ask null", "hear service_quality_desk.desk"]);
    hear({});
    hear({});
    await advanceTime(SECOND);
    expect.verifySteps([]);
    await advanceTime(2.5 * SECOND);
    await animationFrame();
    expect.verifySteps(["ask null"]);
    expect("[data-block=late] .o_service_desk_count").toHaveText("1");
    desk.__owl__.app.destroy();
    expect.verifySteps(["stop hearing service_quality_desk.desk"]);
    expect(hear).toBe(null);
});

test("it asks again when the next thing is due, and each minute", async () => {
    let next = "2026-03-02 10:00:40";
    answer(() => makeOverview({}, { next_at: next }));
    await mountDesk();
    expect.verifySteps(["ask null"]);
    next = false;
    await advanceTime(30 * SECOND);
    expect.verifySteps([]);
    await advanceTime(15 * SECOND);
    expect.verifySteps(["ask null"]);
    await advanceTime(POLL / 2);
    expect.verifySteps([]);
    await advanceTime(POLL / 2);
    expect.verifySteps(["ask null"]);
});

test("while the server is away what was shown stays, and says so", async () => {
    let isAway = false;
    const overview = makeOverview({ late: { count: 3, lines: [makeLine()] } });
    onRpc(
        "/web/dataset/call_kw/service.quality.desk/overview",
        () => {
            expect.step("ask null");
            return isAway
                ? new Response("Bad gateway", { status: 502 })
                : new Response(JSON.stringify({ result: overview }));
        },
        { pure: true }
    );
    await mountDesk();
    isAway = true;
    await advanceTime(POLL);
    await animationFrame();
    expect(".alert").toHaveText(/Not up to date since .*: the server does not answer/);
    expect("[data-block=late] .o_service_desk_line").toHaveCount(1);
    isAway = false;
    await advanceTime(POLL);
    await animationFrame();
    expect(".alert").toHaveCount(0);
    expect.verifySteps(["ask null", "ask null", "ask null"]);
});

describe("refresher", () => {
    function hide(isHidden) {
        patchWithCleanup(document, {
            get hidden() {
                return isHidden();
            },
        });
    }

    test("nothing is asked in a hidden tab; what was missed is asked for at once", async () => {
        let hidden = false;
        hide(() => hidden);
        const refresher = new Refresher(async () => {
            expect.step("ask");
            return null;
        });
        refresher.start();
        await refresher.refresh();
        expect.verifySteps(["ask"]);
        hidden = true;
        document.dispatchEvent(new Event("visibilitychange"));
        refresher.nudge();
        await advanceTime(10 * POLL);
        expect.verifySteps([]);
        hidden = false;
        document.dispatchEvent(new Event("visibilitychange"));
        await advanceTime(0);
        expect.verifySteps(["ask"]);
        refresher.stop();
        await advanceTime(10 * POLL);
        expect.verifySteps([]);
    });

    test("a tab that was hidden for a moment keeps to its plan", async () => {
        let hidden = false;
        hide(() => hidden);
        const refresher = new Refresher(async () => {
            expect.step("ask");
            return null;
        });
        refresher.start();
        await refresher.refresh();
        await advanceTime(POLL / 2);
        hidden = true;
        document.dispatchEvent(new Event("visibilitychange"));
        hidden = false;
        document.dispatchEvent(new Event("visibilitychange"));
        await advanceTime(POLL / 4);
        expect.verifySteps(["ask"]);
        await advanceTime(POLL / 2);
        expect.verifySteps(["ask"]);
        refresher.stop();
    });

    test("one question at a time; what changes meanwhile is asked for after it", async () => {
        const answers = [];
        const refresher = new Refresher(() => {
            expect.step("ask");
            const answer = new Deferred();
            answers.push(answer);
            return answer;
        });
        refresher.start();
        const first = refresher.refresh();
        refresher.refresh();
        refresher.refresh();
        expect.verifySteps(["ask"]);
        answers.shift().resolve(null);
        await advanceTime(0);
        expect.verifySteps(["ask"]);
        answers.shift().resolve(null);
        await first;
        expect.verifySteps([]);
        refresher.stop();
    });

    test("deadlines in quick succession do not make it ask without end", async () => {
        const refresher = new Refresher(async () => {
            expect.step("ask");
            return 0;
        });
        refresher.start();
        await refresher.refresh();
        expect.verifySteps(["ask"]);
        await advanceTime(PAUSE / 5);
        expect.verifySteps([]);
        await advanceTime(PAUSE);
        expect.verifySteps(["ask"]);
        refresher.stop();
    });

    test("a plan sooner than a nudge's does not take the place of it", async () => {
        const refresher = new Refresher(async () => {
            expect.step("ask");
            return null;
        });
        refresher.start();
        await refresher.refresh();
        await advanceTime(POLL - SETTLE / 2);
        refresher.nudge();
        await advanceTime(SETTLE / 2);
        expect.verifySteps(["ask", "ask"]);
        await advanceTime(SETTLE);
        expect.verifySteps(["ask"]);
        await advanceTime(POLL / 2);
        expect.verifySteps([]);
        refresher.stop();
    });
});
