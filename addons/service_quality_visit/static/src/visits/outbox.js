import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";
import { Mutex } from "@web/core/utils/concurrency";
import { uuid } from "@web/core/utils/strings";
import { OutboxStore } from "./outbox_store";
import { drafts } from "./drafts";
import { cardKey, taken, tappedAt } from "./visit_model";

const MODEL = "service.quality.visit";

/** Where the browser remembers that something waits, so that only then it is looked up. */
const WAITING = "service_quality_visit.outbox";

/** Where it remembers by how much the phone's clock is wrong. */
const SKEW = "service_quality_visit.clock";

/** A clock that differs by less is right: the server tells whole seconds, some time later. */
const TOLERATED = 60000;

/** How long a comparison of the clocks is good for. */
const MEASURED = 300000;

const RETRY_FIRST = 5000;
const RETRY_LAST = 60000;

/** An entry of a visit as a call to the server: method and arguments. */
const CALLS = {
    arrive: (entry, when) => [
        "record_arrival",
        [entry.ticketId],
        { visit_id: entry.visitId || false, external_ref: entry.ref, ...when },
    ],
    leave: (entry, when) => [
        "record_departure",
        [[entry.visitId]],
        { external_ref: entry.ref, ...when },
    ],
    work: (entry) => ["save_work", [[entry.visitId]], entry.values],
    photo: (entry) => ["add_photo", [[entry.visitId], entry.values.name, entry.values.data], {}],
    removePhoto: (entry) => ["remove_photo", [[entry.visitId], entry.values.id], {}],
    sign: (entry, when) => [
        "sign",
        [[entry.visitId]],
        { ...entry.values, external_ref: entry.ref, ...when },
    ],
};

/** Whether the server no longer knows who calls. */
export function isLoggedOut(error) {
    return error.exceptionName === "odoo.http.SessionExpiredException";
}

/** Whether the server understood an entry and will never take it as it is. */
function isRefusal(error) {
    return Boolean(error.exceptionName?.startsWith("odoo.exceptions."));
}

/**
 * What engineers tell from their phones: written down at once, sent when there is a
 * connection.
 *
 * Each entry carries a key of its own, so that an answer that was lost does no harm, and
 * with the time of the phone by how much its clock was known to be wrong. The entries of a
 * visit are sent one after the other; when the server refuses one, those after it wait for
 * the engineer to decide.
 */
export class Outbox {
    /**
     * @param {object} store where entries are kept; see OutboxStore
     * @param {(method: string, args: any[], kwargs: object) => Promise<any>} call
     * @param {() => Promise<number|null>} clock asks for the server's time (ms)
     */
    constructor(store, call, clock = async () => null) {
        this.store = store;
        this.call = call;
        this.clock = clock;
        this.measured = -Infinity;
        this.asked = this.answered = this.attempts = 0;
        this.mutex = new Mutex();
        this.listeners = new Set();
        this.wait = RETRY_FIRST;
        this.timer = null;
        this.state = reactive({
            entries: [],
            day: { cards: [], more: 0, isLoaded: false },
            isConnected: true,
            isLoggedOut: false,
            trouble: "",
            isFull: false,
            skew: readSkew(), // null: never compared
        });
        this.loading = null;
    }

    /** What an earlier page left behind is there; asked for when it is first needed. */
    get ready() {
        this.loading ||= this.load();
        return this.loading;
    }

    async load() {
        try {
            this.state.entries = await this.store.all();
        } catch {
            this.state.isFull = true; // a browser that keeps nothing, such as a private one
        }
    }

    /** The time of now by the server's clock, as far as it is known (ms). */
    now() {
        return Date.now() + (this.state.skew || 0);
    }

    /** Compare the phone's clock with the server's, unless that was done just now. */
    async measure() {
        if (Math.abs(Date.now() - this.measured) < MEASURED) {
            return;
        }
        try {
            const server = await this.clock();
            if (server) {
                const skew = server - Date.now();
                this.state.skew = Math.abs(skew) < TOLERATED ? 0 : skew;
                this.measured = Date.now();
                browser.localStorage.setItem(SKEW, String(this.state.skew));
            }
        } catch {
            // without a connection the last comparison is the best that is known
        }
    }

    /**
     * Ask for the engineer's day. An answer that left before the server took something, or
     * that another one has overtaken, is old: the server is asked once more.
     *
     * @param {() => Promise<{cards: object[], more: number}>} ask
     */
    async refresh(ask) {
        const asked = ++this.asked;
        let attempts;
        do {
            if (this.state.day.isLoaded) {
                await this.mutex.getUnlockedDef();
            }
            attempts = this.attempts;
            const { cards, more } = await ask();
            if (asked < this.answered) {
                return;
            }
            if (attempts === this.attempts || !this.state.day.isLoaded) {
                this.answered = asked;
                this.state.day = { cards, more, isLoaded: true };
            }
        } while (attempts !== this.attempts);
    }

    /** Call back, with the number of the visit, whenever the server took something. */
    onSent(listener) {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    of(card) {
        return this.state.entries.filter((entry) => entry.card === card);
    }

    /**
     * Keep an entry and send it as soon as possible.
     *
     * @param {object} values `kind`, `card`, `ticketId`, `visitId` if there is one yet;
     *      `at` for a time that was entered (UTC), `values` for what else there is to tell
     * @returns {Promise<boolean>} whether the browser keeps it
     */
    async add(values) {
        await this.ready;
        if (values.kind === "work") {
            values = await this.absorb(values);
        }
        const entry = {
            // also two of the same millisecond follow each other
            id: Math.max(Date.now(), (this.state.entries.at(-1)?.id || 0) + 1),
            ref: uuid(), // also without https
            tapped: Date.now(),
            skew: this.state.skew,
            at: false,
            error: "",
            values: {},
            ...values,
        };
        this.state.entries.push(entry);
        browser.localStorage.setItem(WAITING, "1");
        const isKept = await this.keep(entry);
        this.flush();
        return isKept;
    }

    /** Take the place of work that still waits: only the last of what is typed counts. */
    async absorb(values) {
        const isOlder = (entry) => entry.card === values.card && entry.kind === "work";
        const older = this.state.entries.filter(
            (entry) => isOlder(entry) && entry.id !== this.sending
        );
        await this.drop(isOlder);
        return {
            ...values,
            values: Object.assign({}, ...older.map((entry) => entry.values), values.values),
        };
    }

    /** Forget entries that are not on their way. */
    async drop(isDropped) {
        const dropped = this.state.entries.filter(
            (entry) => isDropped(entry) && entry.id !== this.sending
        );
        this.state.entries = this.state.entries.filter((entry) => !dropped.includes(entry));
        await Promise.all(dropped.map((entry) => this.forget(entry)));
    }

    async keep(entry) {
        try {
            await this.store.put(JSON.parse(JSON.stringify(entry)));
            this.state.isFull = false;
        } catch {
            // it is still in memory, and the engineer is told not to close the page
            this.state.isFull = true;
        }
        return !this.state.isFull;
    }

    async forget(entry) {
        try {
            await this.store.delete(entry.id);
        } catch {
            this.state.isFull = true;
        }
    }

    /**
     * Try again what was refused: the engineer has put right what was wrong.
     *
     * @param {string|false} at when it happened, if another time was entered (UTC)
     */
    async retry(card, at = false) {
        for (const entry of this.of(card)) {
            if (at && entry.error) {
                entry.at = at;
            }
            entry.error = "";
            await this.keep(entry);
        }
        return this.flush();
    }

    /**
     * Send what waits, in order; stop at the first sign of a lost connection. What the
     * server has trouble with is put off, and other visits go on.
     */
    flush() {
        return this.mutex.exec(async () => {
            await this.ready;
            browser.clearTimeout(this.timer);
            const stuck = new Set();
            let entry = this.next(stuck);
            if (entry) {
                await this.measure();
            }
            while (entry && (await this.send(entry, stuck))) {
                entry = this.next(stuck);
            }
            if (entry || stuck.size) {
                this.timer = browser.setTimeout(() => this.flush(), this.wait);
                this.wait = Math.min(2 * this.wait, RETRY_LAST);
            } else {
                this.wait = RETRY_FIRST;
            }
        });
    }

    /** The first entry of a visit that is not stuck, and of which nothing was refused. */
    next(troubled = []) {
        const stuck = new Set(troubled);
        for (const entry of this.state.entries) {
            if (entry.error) {
                stuck.add(entry.card);
            } else if (!stuck.has(entry.card)) {
                return entry;
            }
        }
        return null;
    }

    /** How long ago something was tapped: by one clock, the server's where it is known. */
    secondsSince(entry) {
        const skew = entry.skew ?? this.state.skew;
        return Math.max(Math.round((this.now() - tappedAt({ ...entry, skew })) / 1000), 0);
    }

    /**
     * @param {Set<string>} stuck visits that the server has trouble with now; added to
     * @returns {Promise<boolean>} whether there is any use in sending more
     */
    async send(entry, stuck) {
        const when = entry.at ? { at: entry.at } : { seconds_ago: this.secondsSince(entry) };
        const reachable = { isConnected: true, isLoggedOut: false };
        this.sending = entry.id;
        this.attempts++;
        try {
            const result = await this.call(...CALLS[entry.kind](entry, when));
            Object.assign(this.state, reachable, { trouble: "" });
            this.attempts++;
            await this.sent(entry, result);
        } catch (error) {
            this.attempts++;
            if (isRefusal(error)) {
                Object.assign(this.state, reachable, { trouble: "" });
                entry.error = error.data?.message || error.message;
                await this.keep(entry);
                return true;
            }
            const isLost = error instanceof ConnectionLostError;
            Object.assign(this.state, {
                isConnected: !isLost,
                isLoggedOut: isLoggedOut(error),
                trouble: isLost || isLoggedOut(error) ? "" : error.message,
            });
            if (isLost) {
                this.measured = -Infinity; // a phone corrects its clock when it is back
            }
            stuck.add(entry.card);
            return Boolean(this.state.trouble);
        } finally {
            this.sending = null;
        }
        return true;
    }

    /** Show what the server has taken, all in one go, before anything is awaited. */
    async sent(entry, result) {
        const visitId = entry.kind === "arrive" ? result : entry.visitId;
        const key = cardKey({ id: visitId });
        const { day } = this.state;
        day.cards = day.cards.map((card) =>
            cardKey(card) === entry.card ? taken(card, entry, result) : card
        );
        this.state.entries = this.state.entries.filter((other) => other.id !== entry.id);
        // what was told of a ticket is from now on told of its visit
        const others = this.of(entry.card).filter((one) => one.visitId !== visitId);
        for (const other of others) {
            Object.assign(other, { visitId, card: key });
        }
        drafts.move(entry.card, key);
        for (const listener of [...this.listeners]) {
            listener({ entry, visitId });
        }
        for (const other of others) {
            await this.keep(other);
        }
        await this.forget(entry);
    }
}

function readSkew() {
    const kept = browser.localStorage.getItem(SKEW);
    return kept === null ? null : Number(kept);
}

/** The server's time (ms), from an answer that needs neither login nor database. */
async function serverTime() {
    const answer = await browser.fetch("/web/health", { cache: "no-store" });
    return Date.parse(answer.headers.get("Date")) || null;
}

export const outboxService = {
    dependencies: ["orm"],
    start(env, { orm }) {
        const name = `service_quality_visit.outbox.${session.db}.${user.userId}`;
        const call = (method, args, kwargs) => orm.silent.call(MODEL, method, args, kwargs);
        const outbox = new Outbox(new OutboxStore(name), call, serverTime);
        const isWaiting = () => browser.localStorage.getItem(WAITING);
        browser.addEventListener("online", () => isWaiting() && outbox.flush());
        if (isWaiting()) {
            outbox.flush();
        }
        return outbox;
    },
};

registry.category("services").add("service_quality_outbox", outboxService);
