import { Component, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { click, edit, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    allowTranslations,
    getService,
    makeServerError,
    mountWebClient,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {
    emptyAnswer,
    missingIn,
    promisedAt,
    telephoneLink,
    timeThere,
    toOutcome,
} from "@service_quality_callback/next_call/call_model";

describe.current.tags("desktop");
defineMailModels();

const MODEL = "service.quality.callback";
const NOW = "2026-03-02 10:00:00";

function makeSubject(id, values) {
    return {
        id,
        name: `HT${id} · Ann`,
        deadline: "2026-03-02 12:00:00",
        is_late: false,
        promised_at: false,
        ticket: { id: 100 + id, number: `HT${id}`, name: "No dial tone" },
        story: [
            { label: "Asked", text: "Since this morning" },
            { label: "Done", text: "Cable replaced" },
        ],
        is_own_work: false,
        answer: false,
        ...values,
    };
}

function makeSheet(id, values) {
    return {
        ...makeSubject(id),
        contact: {
            id: 7,
            name: `Ann ${id}`,
            company: "Acme",
            function: "",
            phone: "+49 (30) 123-456",
            has_number: true,
            is_correctable: true,
            email: "",
            language: "English (US)",
            local_time: "11:00",
            zone: "Europe/Berlin",
            hours: "09:00–20:00",
            is_callable: true,
            wish: "",
        },
        contacts: [{ id: 8, name: "Amy", phone: "+49 30 7" }],
        script: { opening: "Good day, Ann.", closing: "Goodbye, Ann." },
        attempts: [],
        others: [],
        reasons: [
            { id: 1, name: "Too slow" },
            { id: 2, name: "Attitude" },
        ],
        colleagues: [
            { id: 5, name: "Engineer" },
            { id: 6, name: "Caller" },
        ],
        choices: {
            solved: [
                { value: "yes", label: "Yes" },
                { value: "partly", label: "Partly" },
                { value: "no", label: "No" },
            ],
            satisfaction: [
                { value: "5", label: "Very satisfied" },
                { value: "4", label: "Satisfied" },
                { value: "3", label: "Neither" },
                { value: "2", label: "Dissatisfied" },
                { value: "1", label: "Very dissatisfied" },
            ],
        },
        dispositions: [
            { value: "refused", key: "r", label: "Refused to answer", outcome: "reached" },
            { value: "no_answer", key: "a", label: "No answer", outcome: "unanswered" },
            { value: "busy", key: "b", label: "Busy", outcome: "unanswered" },
            { value: "wrong_number", key: "w", label: "Wrong number", outcome: "bad_number" },
            { value: "appointment", key: "l", label: "Call again", outcome: "promised" },
        ],
        ...values,
    };
}

let sheets, calls;

/** The last call that was saved: its id and the values that were sent. */
const saved = () => calls.findLast(({ method }) => method === "save_call");
const called = (method) => calls.filter((call) => call.method === method);

beforeEach(() => {
    mockDate(NOW);
    calls = [];
    sheets = [makeSheet(1), makeSheet(2)];
    onRpc(MODEL, "*", ({ method, args, kwargs }) => {
        delete kwargs.context;
        calls.push({ method, ids: args[0], args: args.slice(1), ...kwargs });
        if (method === "save_call") {
            sheets.shift();
            return true;
        }
        const queue = {
            left: sheets.length,
            next_at: sheets.length ? false : "2026-03-03 08:00:00",
            without_number: 3,
        };
        if (method === "next_call") {
            return { ...queue, call: sheets.find(({ id }) => !kwargs.skip_ids.includes(id)) || false };
        }
        if (method === "take") {
            return { ...queue, call: makeSheet(args[0][0], { contacts: [] }) };
        }
        return true;
    });
});

async function open(params) {
    await mountWebClient();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "service_quality_callback.next_call",
        params,
    });
    await animationFrame();
}

async function keys(...pressed) {
    for (const key of pressed) {
        await press(key);
        await animationFrame();
    }
    await animationFrame();
}

const name = () => queryOne(".o_service_call_who h2").textContent;

const SAID = { callback_id: 1, solved: "yes", satisfaction: "5", comment: "", wants_manager: false };

// ---------------------------------------------------------------------
// What is entered
// ---------------------------------------------------------------------

test("what is missing is said in words", () => {
    allowTranslations();
    const missing = (given) => missingIn(given).map(String);
    const answer = { ...emptyAnswer(), satisfaction: "2" };
    expect(missing(answer)).toEqual([
        "whether it was solved",
        "what the customer is dissatisfied with",
    ]);
    expect(missing({ ...answer, solved: "yes", reasonIds: [1] })).toEqual([]);
    const partly = { ...emptyAnswer(), solved: "partly", satisfaction: "4" };
    expect(missing(partly)).toEqual(["who follows up until when"]);
    expect(missing({ ...partly, reopen: true })).toEqual([]);
    const followed = { ...partly, followUpUserId: 5, followUpDate: "2026-03-03" };
    expect(missing(followed)).toEqual([]);
});

test("only what still applies is sent", () => {
    const answer = {
        ...emptyAnswer(),
        solved: "yes",
        satisfaction: "5",
        reasonIds: [1], // chosen while it was a 2
        managerDate: "2026-03-05", // chosen while a manager was wanted
        reopen: true, // chosen while it was partly solved
        comment: " Fine ",
    };
    expect(toOutcome(3, answer)).toEqual({
        callback_id: 3,
        solved: "yes",
        satisfaction: "5",
        comment: "Fine",
        wants_manager: false,
    });
});

test("a promise is typed on the customer's clock and sent in UTC", () => {
    expect(promisedAt("2026-03-02T15:30", "Asia/Shanghai")).toBe("2026-03-02 07:30:00");
    expect(promisedAt("", "Asia/Shanghai")).toBe(false);
});

test("the time there is that of the contact's zone", () => {
    const now = luxon.DateTime.fromSQL(NOW, { zone: "utc" }).toSeconds();
    expect(timeThere({ zone: "Asia/Shanghai" }, now)).toBe("18:00");
    expect(timeThere({ zone: "Mars/Base", local_time: "12:34" }, now)).toBe("12:34");
});

test("a number is dialled without its decoration", () => {
    expect(telephoneLink("+49 (30) 123-456")).toBe("tel:+4930123456");
});

// ---------------------------------------------------------------------
// The page
// ---------------------------------------------------------------------

test("a call is answered, saved and followed by the next, all by keyboard", async () => {
    await open();
    expect(name()).toBe("Ann 1");
    expect(".o_service_call_opening").toHaveText("Good day, Ann.");
    expect(".o_service_call_number").toHaveAttribute("href", "tel:+4930123456");
    expect(".o_service_call_facts").toHaveText(/11:00 Europe\/Berlin/);
    expect(".o_service_call_left").toHaveText("2 left today");
    await keys("y", "5", "Enter");
    expect(saved()).toMatchObject({
        ids: [1],
        disposition: "completed",
        outcomes: [SAID],
        note: false,
        recording_ref: false,
        number: false,
        next_call_at: false,
    });
    expect("input[name=dialled]").toHaveCount(0);
    expect(name()).toBe("Ann 2");
    expect(".o_service_call_choice.active").toHaveCount(0);
});

test("a key pressed again takes the answer back", async () => {
    await open();
    await keys("n", "1", "6");
    expect(queryAllTexts(".o_service_call_choice.active").map((text) => text[0])).toEqual([
        "N",
        "V",
        "T",
    ]);
    await keys("6", "1", "n");
    expect(".o_service_call_choice.active").toHaveCount(0);
});

test("who is dissatisfied is asked with what", async () => {
    await open();
    await keys("y", "2", "Enter");
    expect(".o_service_call_problem").toHaveText(/dissatisfied with/);
    expect(called("save_call")).toHaveLength(0);
    await keys("7", "6", "Enter");
    expect(saved().outcomes[0].reason_ids).toEqual([2, 1]);
});

test("partly is followed up tomorrow by who did the work, or reopened", async () => {
    await open();
    await keys("p", "4", "Enter");
    expect(saved().outcomes[0]).toEqual({
        ...SAID,
        solved: "partly",
        satisfaction: "4",
        follow_up_user_id: 5,
        follow_up_date: "2026-03-03",
    });
    await keys("p", "4", "g", "Enter");
    expect(saved().outcomes[0]).toEqual({
        ...SAID,
        callback_id: 2,
        solved: "partly",
        satisfaction: "4",
        reopen: true,
    });
});

test("a wish for a manager, and the customer's words", async () => {
    await open();
    await keys("y", "4", "m", "k");
    expect("textarea[name=comment]").toBeFocused();
    await edit("Why always at noon? Yes, no.");
    await keys("Escape", "Enter");
    expect(saved().outcomes[0]).toEqual({
        ...SAID,
        satisfaction: "4",
        comment: "Why always at noon? Yes, no.",
        wants_manager: true,
    });
});

test("keys typed into a field are no commands", async () => {
    await open();
    await keys("x");
    expect("input[name=note]").toBeFocused();
    await keys("y", "5", "s");
    expect(".o_service_call_choice.active").toHaveCount(0);
    expect(name()).toBe("Ann 1");
});

test("nobody answered: one key and Enter", async () => {
    await open();
    await keys("a", "Enter");
    expect(saved()).toMatchObject({ ids: [1], disposition: "no_answer", outcomes: [] });
    expect(name()).toBe("Ann 2");
});

test("answers and another result exclude each other", async () => {
    await open();
    await keys("y", "5", "b", "Enter");
    expect(".o_service_call_problem").toHaveText(/exclude each other/);
    expect(called("save_call")).toHaveLength(0);
    await keys("b", "Enter");
    expect(saved().disposition).toBe("completed");
});

test("a call again is promised on the customer's clock", async () => {
    await open();
    await keys("l", "Enter");
    expect(".o_service_call_problem").toHaveText(/when to call again/);
    const input = queryOne("input[name=appointment]");
    input.value = "2026-03-02T15:30"; // the helper of HOOT cannot read such a field
    input.dispatchEvent(new Event("input"));
    input.focus();
    await keys("Enter");
    expect(saved()).toMatchObject({
        disposition: "appointment",
        next_call_at: "2026-03-02 14:30:00",
    });
});

test("nothing entered is not saved", async () => {
    await open();
    await keys("Enter");
    expect(".o_service_call_problem").toHaveText(/Enter what the customer said/);
    expect(".o_service_call_problem").toBeFocused();
});

test("a wrong number is corrected at once, and the customer called again", async () => {
    await open();
    await keys("w");
    expect("input[name=phone]").toBeFocused();
    await edit("+49 30 999");
    await keys("Enter");
    expect(saved()).toMatchObject({ ids: [1], disposition: "wrong_number" });
    expect(called("set_number")).toMatchObject([{ ids: [1], args: ["+49 30 999"] }]);
    expect(called("take")).toMatchObject([{ ids: [1] }]);
    expect(name()).toBe("Ann 1");
});

test("a number that is refused does not enter the call twice", async () => {
    let isRefused = true;
    onRpc(MODEL, "set_number", () => {
        if (isRefused) {
            throw makeServerError({
                errorName: "odoo.exceptions.ValidationError",
                message: "That is the wrong one",
            });
        }
        return true;
    });
    await open();
    await keys("w");
    await edit("+49 (30) 123-456");
    await keys("Enter");
    expect(".o_service_call_problem").toHaveText("That is the wrong one");
    isRefused = false;
    await click("input[name=phone]");
    await edit("+49 30 1");
    await keys("Enter");
    expect(called("save_call")).toHaveLength(1);
    expect(".o_service_call_edit").toHaveCount(0);
});

test("the number is corrected before the call, and what was entered stays", async () => {
    await open();
    await keys("y", "e");
    await edit("+49 30 999");
    await keys("Enter");
    expect(called("set_number")).toHaveLength(1);
    expect(called("save_call")).toHaveLength(0);
    expect("[data-solved=yes]").toHaveClass("active");
});

// ---------------------------------------------------------------------
// A contact without a number
// ---------------------------------------------------------------------

/** Show a contact without a number first. */
function withoutNumber(values) {
    Object.assign(sheets[0].contact, { phone: "", has_number: false, ...values });
}

test("the number that was dialled is asked for, next to its field", async () => {
    withoutNumber();
    await open();
    expect("a.o_service_call_number").toHaveCount(0);
    await keys("y", "5", "Enter");
    expect("input[name=dialled]").toBeFocused();
    expect("input[name=dialled]").toHaveAttribute("aria-invalid", "true");
    expect("#service_call_dialled_problem").toHaveText("Enter the number that you dialled.");
    expect(".o_service_call_problem").toHaveCount(0);
    expect(called("save_call")).toHaveLength(0);
    expect("[data-solved=yes]").toHaveClass("active", { message: "nothing is lost" });
    await edit("+49 (30) 55");
    await animationFrame();
    expect("#service_call_dialled_problem").toHaveCount(0);
    expect(".o_service_call_dialled a").toHaveAttribute("href", "tel:+493055");
    await keys("Enter");
    expect(saved()).toMatchObject({ ids: [1], number: "+49 (30) 55", disposition: "completed" });
    expect(name()).toBe("Ann 2");
    expect("input[name=dialled]").toHaveCount(0);
});

test("the number that was dialled is kept at the contact before the call ends", async () => {
    withoutNumber();
    await open();
    await keys("a", "d");
    expect("input[name=dialled]").toBeFocused();
    await edit(" +49 30 55 ");
    await keys("Enter");
    expect(called("set_number")).toMatchObject([{ ids: [1], args: ["+49 30 55"] }]);
    const methods = calls.map(({ method }) => method);
    expect(methods.indexOf("set_number")).toBeLessThan(methods.indexOf("save_call"));
});

test("a number that was kept stays so when the call is refused", async () => {
    onRpc(MODEL, "save_call", () => {
        throw makeServerError({ errorName: "odoo.exceptions.UserError", message: "Too soon" });
    });
    withoutNumber();
    await open();
    await keys("a", "d");
    await edit("+49 30 55");
    await keys("Enter");
    expect(".o_service_call_problem").toHaveText("Too soon");
    expect("a.o_service_call_number").toHaveAttribute("href", "tel:+493055");
    expect("[data-disposition=no_answer]").toHaveClass("active");
});

test("a number is not kept against the caller's will", async () => {
    withoutNumber();
    await open();
    await keys("a", "d");
    await edit("+49 30 55");
    await click("input[name=keep_number]");
    await keys("Enter");
    expect(saved()).toMatchObject({ number: "+49 30 55" });
    expect(called("set_number")).toHaveLength(0);
});

test("a wrong number is not kept, nor one of a contact that is not to be corrected", async () => {
    withoutNumber();
    sheets[1] = makeSheet(2);
    Object.assign(sheets[1].contact, { phone: "", has_number: false, is_correctable: false });
    await open();
    expect("input[name=keep_number]").toHaveCount(1);
    await keys("w");
    expect("input[name=keep_number]").toHaveCount(0);
    await click("input[name=dialled]");
    await edit("+49 30 55");
    await keys("Enter");
    expect(saved()).toMatchObject({ disposition: "wrong_number", number: "+49 30 55" });
    expect(name()).toBe("Ann 2");
    expect("input[name=keep_number]").toHaveCount(0);
    await keys("a", "d");
    await edit("+49 30 66");
    await keys("Enter");
    expect(saved()).toMatchObject({ ids: [2], number: "+49 30 66" });
    expect(called("set_number")).toHaveLength(0);
});

test("a number that was typed is not lost without being asked", async () => {
    withoutNumber();
    await open();
    await keys("d");
    await edit("+49 30 55");
    await keys("Escape", "s");
    expect(".modal").toHaveText(/not saved/);
    await click(".modal button:contains(Stay here)");
    await animationFrame();
    expect("input[name=dialled]").toHaveValue("+49 30 55");
});

// ---------------------------------------------------------------------
// More than one ticket
// ---------------------------------------------------------------------

test("all open tickets of the customer are asked about in one call", async () => {
    sheets[0].others = [makeSubject(11), makeSubject(12)];
    await open();
    expect(".o_service_call_card").toHaveCount(3);
    await keys("y", "5", "ArrowDown", "n", "3");
    expect("[data-callback='11']").toHaveClass("o_service_call_active");
    await keys("Enter");
    expect(saved().outcomes.map(({ callback_id, solved }) => [callback_id, solved])).toEqual([
        [1, "yes"],
        [11, "no"],
    ]);
});

test("one answer can stand for all of them", async () => {
    sheets[0].others = [makeSubject(11)];
    await open();
    await keys("y", "5", "=", "Enter");
    expect(saved().outcomes).toEqual([SAID, { ...SAID, callback_id: 11 }]);
});

test("an unfinished answer about another ticket is not lost", async () => {
    sheets[0].others = [makeSubject(11)];
    await open();
    await keys("y", "5", "ArrowDown", "n", "Enter");
    expect(".o_service_call_problem").toHaveText(/HT11 is not complete/);
    expect(called("save_call")).toHaveLength(0);
});

test("own work, a written answer and the wrong hour are said", async () => {
    const answer = {
        at: NOW,
        channel: "Link",
        solved: "No",
        satisfaction: "Dissatisfied",
        reasons: "Too slow",
        comment: "Still dead",
    };
    sheets[0] = { ...sheets[0], is_own_work: true, answer };
    sheets[0].contact.is_callable = false;
    await open();
    expect(".o_service_call_who").toHaveText(/You did this work yourself/);
    expect(".o_service_call_who").toHaveText(/It is 11:00 there/);
    expect(".o_service_call_written").toHaveText(/Still dead/);
});

test("a call that is passed over goes back, and comes last", async () => {
    await open();
    await keys("s");
    expect(called("release")).toMatchObject([{ ids: [1] }]);
    expect(name()).toBe("Ann 2");
    await keys("s");
    expect(".o_service_call_none").toHaveText(/passed over 2/);
    await keys("Enter");
    expect(name()).toBe("Ann 1");
});

test("what was entered is not lost without being asked", async () => {
    await open();
    await keys("y", "s");
    expect(".modal").toHaveText(/not saved/);
    await click(".modal button:contains(Stay here)");
    await animationFrame();
    expect(name()).toBe("Ann 1");
    expect("[data-solved=yes]").toHaveClass("active");
    await keys("s");
    await click(".modal button:contains(Leave)");
    await animationFrame();
    await animationFrame();
    expect(name()).toBe("Ann 2");
});

test("what the server refuses is said on the page, and nothing is lost", async () => {
    onRpc(MODEL, "save_call", () => {
        throw makeServerError({
            errorName: "odoo.exceptions.UserError",
            message: "This follow-up call has ended already.",
        });
    });
    await open();
    await keys("y", "5", "Enter");
    expect(".o_service_call_problem").toHaveText(/ended already/);
    expect("[data-solved=yes]").toHaveClass("active");
});

test("nobody to call says when, and how many wait for a number", async () => {
    sheets = [];
    await open();
    expect(".o_service_call_none").toHaveText(/Nobody to call now/);
    expect(".o_service_call_none").toHaveText(/can be called from/);
    expect(".o_service_call_none").toHaveText(/3 wait for a number/);
});

test("a call chosen in a list comes first", async () => {
    await open({ callback_id: 5 });
    expect(called("take")).toMatchObject([{ ids: [5] }]);
    expect(name()).toBe("Ann 5");
});

test("whoever leaves gives the call back", async () => {
    await open();
    class Elsewhere extends Component {
        static template = xml`<div/>`;
        static props = ["*"];
    }
    registry.category("actions").add("elsewhere", Elsewhere);
    await getService("action").doAction({ type: "ir.actions.client", tag: "elsewhere" });
    await animationFrame();
    expect(called("release")).toMatchObject([{ ids: [1] }]);
});
