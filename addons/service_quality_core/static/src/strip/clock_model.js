import { deserializeDateTime } from "@web/core/l10n/dates";
import { statusAt } from "../time/status";

const TIMES = [
    "started_at",
    "deadline",
    "warning_at",
    "paused_at",
    "running_since",
    "stopped_at",
    "judged_at",
];

/** Epoch seconds of a text in UTC as the server writes it; null for none. */
export function toSeconds(text) {
    return text ? deserializeDateTime(text).toSeconds() : null;
}

/**
 * Read a clock of ``service_strip``: times become epoch seconds.
 *
 * @param {object} values
 * @param {string} readAt when the server has worked them out
 */
export function readClock(values, readAt) {
    const clock = { ...values, readAt: toSeconds(readAt) };
    for (const name of TIMES) {
        clock[name] = toSeconds(values[name]);
    }
    clock.open = values.open.map((interval) => interval.map(toSeconds));
    return clock;
}

/**
 * Working seconds that a clock has used at a moment: what the server counted, and since
 * then only what lies in open hours.
 *
 * @param {object} clock from readClock
 * @param {number} now epoch seconds
 */
export function usedAt(clock, now) {
    let used = clock.used_seconds;
    for (const [start, end] of clock.open) {
        used += Math.max(Math.min(end, now) - Math.max(start, clock.readAt), 0);
    }
    return used;
}

/** The share of the promised time that is used, 0 to 100. */
export function percentAt(clock, now) {
    if (!clock.target_seconds) {
        return 100;
    }
    return Math.min((100 * usedAt(clock, now)) / clock.target_seconds, 100);
}

/** Tell whether a running clock stands in closed hours at a moment. */
export function isClosedAt(clock, now) {
    if (clock.state !== "running" || !clock.open.length || now >= clock.deadline) {
        return false;
    }
    return !clock.open.some(([start, end]) => start <= now && now < end);
}

/**
 * Part the clocks into those shown at once and those folded away.
 *
 * Open ones always show, and judged ones that count while there is room: the newest of
 * each metric before earlier rounds. What was replaced or cancelled never comes first.
 *
 * @param {object[]} clocks in the order of the server
 * @param {number} room
 */
export function splitClocks(clocks, room) {
    const isOpen = (clock) => ["running", "paused"].includes(clock.state);
    const open = clocks.filter(isOpen);
    const judged = clocks.filter((clock) => !isOpen(clock) && clock.counted && clock.verdict);
    const newest = judged.filter(
        (clock) => clock === judged.find(({ name }) => name === clock.name)
    );
    const earlier = judged.filter((clock) => !newest.includes(clock));
    const left = Math.max(room - open.length, 0);
    const shown = [...open, ...[...newest, ...earlier].slice(0, left)];
    return { shown, folded: clocks.filter((clock) => !shown.includes(clock)) };
}

export { statusAt };
