import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";
import { Mutex } from "@web/core/utils/concurrency";
import { OutboxStore } from "./outbox_store";
import { cardKey } from "./visit_model";

const MODEL = "service.quality.visit";

/** Where the browser remembers that something waits, so that only then it is looked up. */
const WAITING = "service_quality.outbox";

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

/** Whether the server understood an entry and will never take it as it is. */
function isRefusal(error) {
    return Boolean(error.exceptionName?.startsWith("odoo.exceptions."));
}

/**
 * What engineers tell from their phones: written down at once, sent when there is a
 * connection.
 *
 * Each entry carries a key of its own, and how long ago it was is told when it is sent, so
 * that a wrong clock does no harm and an answer that was lost no double. The entries of a
 * visit are sent one after the other; when the server refuses one, those after it wait for
 * the engineer to decide.
 */
export class Outbox {
    /**
     * @param {object} store where entries are kept; see OutboxStore
     * @param {(method: string, args: any[], kwargs: object) => Promise<any>} call
     */
    constructor(store, call) {
        this.store = store;
        this.call = call;
        this.mutex = new Mutex();
        this.listeners = new Set();
        this.wait = RETRY_FIRST;
        this.timer = null;
        this.state = reactive({ entries: [], isConnected: true, trouble: "", isFull: false });
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
            ref: crypto.randomUUID(),
            tapped: Date.now(),
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

    /** Try again what was refused: the engineer has put right what was wrong. */
    async retry(card) {
        for (const entry of this.of(card)) {
            entry.error = "";
            await this.keep(entry);
        }
        return this.flush();
    }

    /** Send what waits, in order; stop at the first sign of a lost connection. */
    flush() {
        return this.mutex.exec(async () => {
            await this.ready;
            browser.clearTimeout(this.timer);
            let entry;
            while ((entry = this.next())) {
                if (!(await this.send(entry))) {
                    this.timer = browser.setTimeout(() => this.flush(), this.wait);
                    this.wait = Math.min(2 * this.wait, RETRY_LAST);
                    return;
                }
                this.wait = RETRY_FIRST;
            }
        });
    }

    /** The first entry of a visit of which nothing was refused. */
    next() {
        const stuck = new Set();
        for (const entry of this.state.entries) {
            if (entry.error) {
                stuck.add(entry.card);
            } else if (!stuck.has(entry.card)) {
                return entry;
            }
        }
        return null;
    }

    /** @returns {Promise<boolean>} whether the server answered */
    async send(entry) {
        const ago = Math.round((Date.now() - entry.tapped) / 1000);
        const when = entry.at ? { at: entry.at } : { seconds_ago: Math.max(ago, 0) };
        this.sending = entry.id;
        try {
            const result = await this.call(...CALLS[entry.kind](entry, when));
            Object.assign(this.state, { isConnected: true, trouble: "" });
            await this.sent(entry, result);
        } catch (error) {
            if (!isRefusal(error)) {
                this.state.isConnected = !(error instanceof ConnectionLostError);
                this.state.trouble = this.state.isConnected ? error.message : "";
                return false;
            }
            Object.assign(this.state, { isConnected: true, trouble: "" });
            entry.error = error.data?.message || error.message;
            await this.keep(entry);
        } finally {
            this.sending = null;
        }
        return true;
    }

    async sent(entry, result) {
        this.state.entries = this.state.entries.filter((other) => other.id !== entry.id);
        const visitId = entry.kind === "arrive" ? result : entry.visitId;
        // what was told of a ticket is from now on told of its visit
        for (const other of this.of(entry.card).filter((one) => one.visitId !== visitId)) {
            Object.assign(other, { visitId, card: cardKey({ id: visitId }) });
            await this.keep(other);
        }
        await this.forget(entry);
        for (const listener of [...this.listeners]) {
            listener({ entry, visitId });
        }
    }
}

export const outboxService = {
    dependencies: ["orm"],
    start(env, { orm }) {
        const name = `service_quality.outbox.${session.db}.${user.userId}`;
        const outbox = new Outbox(new OutboxStore(name), (method, args, kwargs) =>
            orm.silent.call(MODEL, method, args, kwargs)
        );
        const isWaiting = () => browser.localStorage.getItem(WAITING);
        browser.addEventListener("online", () => isWaiting() && outbox.flush());
        if (isWaiting()) {
            outbox.flush();
        }
        return outbox;
    },
};

registry.category("services").add("service_quality_outbox", outboxService);
