const SECOND = 1000;

/** Asked for again however quiet it is: a websocket may be down and not know it. */
export const POLL = 60 * SECOND;

/** Two nudges are as far apart at least; what changes in between is seen at the end. */
export const SETTLE = 2 * SECOND;

/** Not all desks of a company ask at the same moment. */
const JITTER = SECOND;

/** Deadlines may follow each other closely. */
export const PAUSE = 5 * SECOND;

/**
 * Decides when to ask the server again: after a nudge, when something is due, and now and
 * then; one question at a time, and none while the tab is hidden.
 */
export class Refresher {
    /**
     * @param {() => Promise<number|null>} ask gives the milliseconds after which something
     *      changes by itself, or null; it fails only where nobody can go on
     */
    constructor(ask) {
        this.ask = ask;
        this.timer = null;
        this.due = Infinity;
        this.settledAt = 0;
        this.isAsking = false;
        this.isRunning = false;
        this.onVisibilityChange = () => this.resume();
    }

    start() {
        this.isRunning = true;
        document.addEventListener("visibilitychange", this.onVisibilityChange);
        this.resume();
    }

    stop() {
        this.isRunning = false;
        document.removeEventListener("visibilitychange", this.onVisibilityChange);
        this.cancel();
    }

    /** Something has changed on the server. */
    nudge() {
        this.settledAt = Date.now() + SETTLE;
        this.scheduleSettled();
    }

    scheduleSettled() {
        this.schedule(this.settledAt - Date.now() + Math.random() * JITTER);
    }

    /** Ask at once. */
    async refresh() {
        this.cancel();
        if (this.isAsking) {
            this.isStale = true; // the answer on its way may be older than the question
            return;
        }
        this.isAsking = true;
        this.isStale = false;
        const askedAt = Date.now();
        let next = null;
        try {
            next = await this.ask();
        } finally {
            this.isAsking = false;
        }
        if (this.isStale) {
            await this.refresh();
            return;
        }
        this.schedule(POLL);
        if (next !== null) {
            this.schedule(Math.max(next, PAUSE));
        }
        if (askedAt < this.settledAt) {
            // a plan from before the nudge was sooner: what changes until then sends none
            this.scheduleSettled();
        }
    }

    /** Ask after a while, or earlier where that is planned already. */
    schedule(wait) {
        const due = Date.now() + wait;
        if (due >= this.due) {
            return;
        }
        this.cancel();
        this.due = due;
        if (this.isRunning && !document.hidden) {
            this.timer = setTimeout(() => this.refresh(), wait);
        }
    }

    cancel() {
        clearTimeout(this.timer);
        this.timer = null;
        this.due = Infinity;
    }

    /** Keep to the plan as far as a tab that may be hidden lets it. */
    resume() {
        const { due } = this;
        this.cancel();
        if (due !== Infinity) {
            this.schedule(Math.max(due - Date.now(), 0));
        }
    }
}
