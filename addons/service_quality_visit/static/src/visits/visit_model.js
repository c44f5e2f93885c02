import { deserializeDateTime, serializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

/** The groups of an engineer's day, in the order in which they matter. */
export const GROUPS = [
    { id: "on_site", title: _t("On site now") },
    { id: "today", title: _t("Planned") },
    { id: "ticket", title: _t("My open tickets") },
    { id: "to_sign", title: _t("To be signed") },
    { id: "later", title: _t("Next days") },
    { id: "done", title: _t("Signed today") },
];

export const STATES = {
    planned: { label: _t("Planned"), icon: "fa-calendar-o", color: "secondary" },
    on_site: { label: _t("On site"), icon: "fa-map-marker", color: "info" },
    left: { label: _t("Left"), icon: "fa-sign-out", color: "warning" },
    signed: { label: _t("Signed"), icon: "fa-check", color: "success" },
};

/** What tells a visit, or a ticket without one, from the others. */
export function cardKey({ id, ticket_id }) {
    return id ? `visit-${id}` : `ticket-${ticket_id}`;
}

/** When an entry was tapped, by the server's clock as far as the phone knew it (ms). */
export function tappedAt(entry) {
    return entry.tapped + (entry.skew || 0);
}

/** When an entry happened: as it was entered, or when the button was tapped. */
function momentOf(entry) {
    return entry.at || serializeDateTime(DateTime.fromMillis(tappedAt(entry)));
}

/**
 * How each kind of entry changes what the server said of a visit: what it will say once
 * it has taken the entry. `result` is what it answered then.
 */
const CHANGES = {
    arrive: (card, entry, result) => ({
        id: result || card.id,
        state: "on_site",
        group: "on_site",
        arrived_at: momentOf(entry),
    }),
    leave: (card, entry) => ({ state: "left", group: "to_sign", left_at: momentOf(entry) }),
    work: (card, entry) => ({ ...entry.values }),
    photo: (card, entry, result) => ({
        photos: [
            ...card.photos,
            result
                ? { id: result, name: entry.values.name }
                : { waiting: entry.id, src: photoSource(entry.values) },
        ],
    }),
    removePhoto: (card, entry) => ({
        photos: card.photos.filter((photo) => photo.id !== entry.values.id),
    }),
    sign: (card, entry, result) => ({
        ...entry.values.work,
        state: "signed",
        group: "done",
        left_at: card.left_at || momentOf(entry),
        signed_at: momentOf(entry),
        signed_name: entry.values.signed_name,
        sheet_id: result || card.sheet_id,
    }),
};

/**
 * A card with what the server has just taken, until it is asked again: on a slow
 * connection that takes a while, and what was typed must not vanish meanwhile.
 */
export function taken(card, entry, result) {
    return { ...card, ...CHANGES[entry.kind](card, entry, result) };
}

export function photoSource({ data }) {
    return `data:image/jpeg;base64,${data}`;
}

/**
 * A card as the engineer sees it: what the server said, and what waits to be sent.
 *
 * What was refused is no longer shown as done, but what was typed stays on the screen.
 *
 * @param {object} card as my_day returns it
 * @param {object[]} entries of the outbox about it
 */
export function project(card, entries) {
    const refused = entries.findIndex((entry) => entry.error);
    let shown = card;
    for (const [index, entry] of entries.entries()) {
        if (refused === -1 || index < refused || entry.kind === "work") {
            shown = taken(shown, entry);
        }
    }
    const moment = (name) => (shown[name] ? deserializeDateTime(shown[name]) : null);
    return {
        ...shown,
        key: cardKey(card),
        planned: moment("planned_at"),
        arrived: moment("arrived_at"),
        left: moment("left_at"),
        signed: moment("signed_at"),
        photos: shown.photos.map((photo) => ({
            src: `/web/image/${photo.id}/300x300`,
            ...photo,
        })),
        waiting: entries.length,
        error: entries[refused]?.error || "",
    };
}

/** Groups that have cards, each sorted as the engineer goes through the day. */
export function grouped(cards) {
    return GROUPS.map((group) => ({
        ...group,
        cards: cards.filter((card) => card.group === group.id),
    })).filter((group) => group.cards.length);
}

/** A time as short as it can be: today's without its day. */
export function shortTime(moment, now = DateTime.now()) {
    const isToday = moment.hasSame(now, "day");
    return isToday
        ? moment.toLocaleString(DateTime.TIME_SIMPLE)
        : toLocaleDateTimeString(moment, { showSeconds: false });
}

/** A time for an input of type datetime-local, in the zone of the user. */
export function toInput(moment) {
    return moment.toFormat("yyyy-MM-dd'T'HH:mm");
}

/** What was chosen in such an input, as the server reads it; false for nothing. */
export function fromInput(text) {
    const moment = DateTime.fromISO(text || "");
    return moment.isValid ? moment : false;
}

/**
 * Where a map of a place opens: in whatever map the phone has, no provider of ours.
 *
 * @param {object} card with `address`, `latitude` and `longitude`
 * @param {string} agent the browser's own name
 */
export function mapUrl({ address, latitude, longitude }, agent = navigator.userAgent) {
    const place = encodeURIComponent(address.replace(/\s*\n\s*/g, ", "));
    const point = latitude || longitude ? `${latitude},${longitude}` : "";
    if (/android/i.test(agent)) {
        return `geo:${point || "0,0"}?q=${point || place}`;
    }
    if (/iphone|ipad|macintosh/i.test(agent)) {
        return `https://maps.apple.com/?q=${place}${point ? `&ll=${point}` : ""}`;
    }
    return `https://www.openstreetmap.org/search?query=${point || place}`;
}

/** The number that a tap calls: digits, a plus in front and what an extension needs. */
export function callUrl(phone) {
    return `tel:${phone.replace(/[^\d+,;#*]/g, "")}`;
}

/** Whether work can be written down: somebody is or was there, and nobody signed. */
export function isOpen(card) {
    return card.state === "on_site" || card.state === "left";
}

/** The lines of parts that say something. */
export function filledParts(parts) {
    return parts.filter((part) => part.name.trim());
}
