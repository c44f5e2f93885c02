import { deserializeDateTime, serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

/** How the answers to a question look on their buttons; the server names them. */
const LOOKS = {
    solved: {
        yes: { key: "y", icon: "fa-check", color: "success" },
        partly: { key: "p", icon: "fa-adjust", color: "warning" },
        no: { key: "n", icon: "fa-times", color: "danger" },
    },
    satisfaction: {
        5: { icon: "fa-smile-o", color: "success" },
        4: { icon: "fa-smile-o", color: "success" },
        3: { icon: "fa-meh-o", color: "warning" },
        2: { icon: "fa-frown-o", color: "danger" },
        1: { icon: "fa-frown-o", color: "danger" },
    },
};

/**
 * The buttons of a question to the customer.
 *
 * @param {object} sheet of the call
 * @param {string} name "solved" or "satisfaction"
 */
export function choicesOf(sheet, name) {
    return sheet.choices[name].map((choice) => ({ ...choice, ...LOOKS[name][choice.value] }));
}

/** The keys that follow 1 to 5 on the keyboard are those of the first reasons. */
export const REASON_KEYS = ["6", "7", "8", "9", "0"];

/** Nothing said about a ticket yet. */
export function emptyAnswer() {
    return {
        solved: null,
        satisfaction: null,
        reasonIds: [],
        comment: "",
        wantsManager: false,
        managerDate: "",
        reopen: false,
        followUpUserId: null,
        followUpDate: "",
    };
}

/** Tell whether anything was entered about a ticket. */
export function isTouched({ solved, satisfaction, comment, wantsManager }) {
    return Boolean(solved || satisfaction || comment.trim() || wantsManager);
}

/** Tell whether reasons are asked for. */
export function isDissatisfied({ satisfaction }) {
    return ["1", "2"].includes(satisfaction);
}

/** What is still missing of what the customer is asked, in words. */
export function missingIn(answer) {
    const missing = [];
    if (!answer.solved) {
        missing.push(_t("whether it was solved"));
    }
    if (!answer.satisfaction) {
        missing.push(_t("how satisfied the customer is"));
    }
    if (isDissatisfied(answer) && !answer.reasonIds.length) {
        missing.push(_t("what the customer is dissatisfied with"));
    }
    const isFollowedUp = answer.reopen || (answer.followUpUserId && answer.followUpDate);
    if (answer.solved === "partly" && !isFollowedUp) {
        missing.push(_t("who follows up until when"));
    }
    return missing;
}

/** An answer as ``save_call`` takes it; what was hidden again is left out. */
export function toOutcome(callbackId, answer) {
    const outcome = {
        callback_id: callbackId,
        solved: answer.solved,
        satisfaction: answer.satisfaction,
        comment: answer.comment.trim(),
        wants_manager: answer.wantsManager,
    };
    if (isDissatisfied(answer)) {
        outcome.reason_ids = [...answer.reasonIds];
    }
    if (answer.wantsManager && answer.managerDate) {
        outcome.manager_date = answer.managerDate;
    }
    if (answer.solved === "partly" && answer.reopen) {
        outcome.reopen = true;
    } else if (answer.solved === "partly") {
        outcome.follow_up_user_id = answer.followUpUserId;
        outcome.follow_up_date = answer.followUpDate;
    }
    return outcome;
}

/** What a promised moment means: typed on the customer's clock, sent in UTC. */
export function promisedAt(typed, zone) {
    const moment = typed ? DateTime.fromISO(typed, { zone }) : null;
    return moment && moment.isValid ? serializeDateTime(moment) : false;
}

/** The time of day on the customer's clock; what the server said where the zone is unknown. */
export function timeThere(contact, now) {
    const there = DateTime.fromSeconds(now).setZone(contact.zone);
    return there.isValid ? there.toFormat("HH:mm") : contact.local_time;
}

/** Epoch seconds of what the sheet says a subject is due. */
export function deadlineOf(subject) {
    return subject.deadline ? deserializeDateTime(subject.deadline).toSeconds() : null;
}

/** A number as it is dialled. */
export function telephoneLink(phone) {
    return `tel:${phone.replace(/[^\d+*#,;]/g, "")}`;
}

/** Tell whether the caller has to say which number was dialled. */
export function needsNumber({ sheet }) {
    return Boolean(sheet) && !sheet.contact.has_number;
}

/** Tell whether a number has yet to be entered where one is needed. */
export function isNumberMissing(state) {
    return needsNumber(state) && !/\d/.test(state.dialled);
}

/** Tell whether the number that was dialled can be kept: a wrong one is not. */
export function mayKeepNumber(state) {
    return (
        needsNumber(state) &&
        state.sheet.contact.is_correctable &&
        !hasOutcome(state, "bad_number")
    );
}

/** Tell whether what came of the call besides answers has an outcome. */
export function hasOutcome({ sheet, disposition }, outcome) {
    const found = sheet && sheet.dispositions.find(({ value }) => value === disposition);
    return Boolean(found) && found.outcome === outcome;
}

/**
 * What stands in the way of saving, in words; empty when nothing does.
 *
 * @param {object} state of the page
 */
export function obstacleOf(state) {
    const { sheet, subjects, answers, disposition, appointment } = state;
    if (disposition && Object.values(answers).some(isTouched)) {
        return _t("The customer's answers and this result exclude each other. Take one back.");
    }
    if (hasOutcome(state, "promised") && !promisedAt(appointment, sheet.contact.zone)) {
        return _t("Enter when to call again.");
    }
    if (disposition) {
        return "";
    }
    if (!isTouched(answers[sheet.id])) {
        return _t("Enter what the customer said, or choose what came of the call.");
    }
    const incomplete = subjects.find(
        ({ id }) => isTouched(answers[id]) && missingIn(answers[id]).length
    );
    if (!incomplete) {
        return "";
    }
    return _t("%(ticket)s is not complete. Still missing: %(missing)s.", {
        ticket: incomplete.ticket.number,
        missing: missingIn(answers[incomplete.id]).join(", "),
    });
}

/** What ``save_call`` is given of what stands on the page. */
export function valuesOf(state) {
    const { sheet, answers, disposition, appointment, dialled, note, recordingRef } = state;
    const outcomes = Object.entries(answers)
        .filter(([, answer]) => isTouched(answer))
        .map(([id, answer]) => toOutcome(Number(id), answer));
    return {
        disposition: disposition || "completed",
        outcomes: disposition ? [] : outcomes,
        note: note.trim() || false,
        recording_ref: recordingRef.trim() || false,
        number: needsNumber(state) && dialled.trim(),
        next_call_at:
            hasOutcome(state, "promised") && promisedAt(appointment, sheet.contact.zone),
    };
}

/** Tell whether anything was entered that leaving the page would lose. */
export function hasInput({ sheet, answers, note, appointment, dialled, phone, contactId }) {
    return Boolean(
        sheet &&
            (Object.values(answers).some(isTouched) ||
                note.trim() ||
                appointment ||
                dialled.trim() ||
                phone.trim() ||
                contactId)
    );
}
