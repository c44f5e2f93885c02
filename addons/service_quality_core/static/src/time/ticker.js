import { onMounted, onWillRender, onWillUnmount, useState } from "@odoo/owl";

const SECOND = 1000;

/** Browsers may call a little early, which would show the second before twice. */
const MARGIN = 5;

/**
 * One timer for everything on the page that ticks: it fires with each full second, and not at
 * all while nobody listens or the tab is hidden.
 */
class Ticker {
    constructor() {
        this.listeners = new Set();
        this.timer = null;
        this.onVisibilityChange = () => this.restart();
    }

    get isRunning() {
        return this.timer !== null;
    }

    add(listener) {
        if (!this.listeners.size) {
            document.addEventListener("visibilitychange", this.onVisibilityChange);
        }
        this.listeners.add(listener);
        if (!this.isRunning) {
            this.schedule();
        }
    }

    remove(listener) {
        this.listeners.delete(listener);
        if (!this.listeners.size) {
            document.removeEventListener("visibilitychange", this.onVisibilityChange);
            this.stop();
        }
    }

    restart() {
        this.stop();
        if (!document.hidden) {
            this.tick();
        }
    }

    stop() {
        clearTimeout(this.timer);
        this.timer = null;
    }

    schedule() {
        if (document.hidden) {
            return;
        }
        const wait = SECOND - (Date.now() % SECOND) + MARGIN;
        this.timer = setTimeout(() => this.tick(), wait);
    }

    tick() {
        for (const listener of [...this.listeners]) {
            listener();
        }
        if (this.listeners.size) {
            this.schedule();
        }
    }
}

export const ticker = new Ticker();

/** The present in whole epoch seconds. */
export function currentSecond() {
    return Math.floor(Date.now() / SECOND);
}

/**
 * Work out anew each second what a component shows; it renders only when that changes.
 *
 * @template {object} T
 * @param {(now: number) => T} compute called with epoch seconds; an object of plain values
 * @returns {T}
 */
export function useTicking(compute) {
    const state = useState({ ...compute(currentSecond()) });
    const update = () => Object.assign(state, compute(currentSecond()));
    onWillRender(update); // the record may have changed since the last second
    onMounted(() => ticker.add(update));
    onWillUnmount(() => ticker.remove(update));
    return state;
}
