import { REASON_KEYS, choicesOf, isDissatisfied } from "./call_model";

const EDITABLE = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]";

/** Keys of the page, apart from those of answers and results of a call. */
const COMMANDS = {
    enter: (page) => page.save(),
    s: (page) => page.skip(),
    d: (page) => page.focusOn(".o_service_call_number"),
    e: (page) => page.editNumber(),
    k: (page) => page.focusOn(".o_service_call_active [name=comment]"),
    x: (page) => page.focusOn("[name=note]"),
    "=": (page) => page.answerAll(),
    arrowdown: (page) => page.activate(1),
    arrowup: (page) => page.activate(-1),
};

/**
 * What a key stands for while no field is being filled in.
 *
 * @param {object} page the client action
 * @param {string} key in lower case
 * @returns {Function | undefined} what to do
 */
export function commandOf(page, key) {
    const { activeId, answers, sheet } = page.state;
    const answer = answers[activeId];
    const choose = (name, value) => () =>
        page.answer(activeId, { [name]: answer[name] === value ? null : value });
    const solved = choicesOf(sheet, "solved").find((choice) => choice.key === key);
    if (solved) {
        return choose("solved", solved.value);
    }
    if (sheet.choices.satisfaction.some(({ value }) => value === key)) {
        return choose("satisfaction", key);
    }
    const reason = sheet.reasons[REASON_KEYS.indexOf(key)];
    if (reason && isDissatisfied(answer)) {
        const others = answer.reasonIds.filter((id) => id !== reason.id);
        const isChosen = others.length < answer.reasonIds.length;
        return () => page.answer(activeId, { reasonIds: isChosen ? others : [...others, reason.id] });
    }
    const disposition = sheet.dispositions.find((choice) => choice.key === key);
    if (disposition) {
        return () => page.dispose(disposition.value);
    }
    if (key === "m") {
        return () => page.answer(activeId, { wantsManager: !answer.wantsManager });
    }
    if (key === "g" && answer.solved === "partly") {
        return () => page.answer(activeId, { reopen: !answer.reopen });
    }
    return COMMANDS[key] && (() => COMMANDS[key](page));
}

/** Do what a key on the page stands for; leave to fields and dialogs what is theirs. */
export function handleKey(page, event) {
    if (event.isComposing || event.altKey || event.metaKey || page.ui.activeElement !== document) {
        return;
    }
    const key = event.key.toLowerCase();
    if (!page.state.sheet) {
        if (key === "enter" && !event.target.closest("a, button")) {
            page.startAgain();
        }
        return;
    }
    const field = event.target.closest(EDITABLE);
    if (field) {
        handleKeyInField(page, event, field, key);
        return;
    }
    // a link or button that is no choice does its own when Enter is pressed on it
    const isButton = event.target.closest("a, button:not(.o_service_call_choice)");
    if (event.ctrlKey || (key === "enter" && isButton)) {
        return;
    }
    const command = commandOf(page, key);
    if (command) {
        event.preventDefault();
        if (!page.state.isSaving) {
            command();
        }
    }
}

function handleKeyInField(page, event, field, key) {
    if (key === "escape") {
        field.blur();
    } else if (key === "enter" && (event.ctrlKey || field.tagName === "INPUT")) {
        event.preventDefault();
        field.blur(); // what was typed last is taken
        if (!page.state.disposition && field.closest(".o_service_call_edit")) {
            page.saveNumber();
        } else {
            page.save();
        }
    }
}
