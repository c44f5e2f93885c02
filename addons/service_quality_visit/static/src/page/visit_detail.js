import { Component, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { pick } from "@web/core/utils/objects";
import { DeadlineBadge } from "./deadline_badge";
import { drafts } from "../visits/drafts";
import { photoName, shrink } from "./photo";
import { SignDialog } from "./sign_dialog";
import {
    STATES,
    callUrl,
    filledParts,
    fromInput,
    isOpen,
    mapUrl,
    shortTime,
    toInput,
} from "../visits/visit_model";

const { DateTime } = luxon;

/** Typing is sent when it pauses; each key is kept by the browser at once. */
const PAUSE = 1500;

const EMPTY_PART = { name: "", serial: "", quantity: 1, direction: "taken", place: "" };

/** One visit: where it is, the buttons of the day, the record of the work. */
export class VisitDetail extends Component {
    static template = "service_quality_visit.VisitDetail";
    static components = { DeadlineBadge };
    static props = { card: Object, outbox: Object, onBack: Function, onResolved: Function };

    setup() {
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.action = useService("action");
        this.orm = useService("orm");
        // of what the server knows only what was typed here takes the place
        const typed = drafts.read(this.props.card.key) || {};
        this.state = useState({
            draft: { ...savedWork(this.props.card), ...typed },
            typed: Object.keys(typed),
            otherTime: false,
            isKept: true,
            reason: this.props.card.unsigned_reason,
            asksReason: false,
        });
        this.keystrokes = 0;
        onWillUpdateProps(({ card }) => this.followCard(card));
        onWillUnmount(() => this.save());
    }

    get badge() {
        return STATES[this.props.card.state];
    }

    get isOpen() {
        return isOpen(this.props.card);
    }

    get mapUrl() {
        return mapUrl(this.props.card);
    }

    get callUrl() {
        return callUrl(this.props.card.phone);
    }

    get latest() {
        return toInput(this.now);
    }

    /** The time of now, also on a phone whose clock is known to be wrong. */
    get now() {
        return DateTime.fromMillis(this.props.outbox.now());
    }

    time(moment) {
        return shortTime(moment, this.now);
    }

    get arriveText() {
        return this.state.otherTime
            ? _t("Arrived at %s", this.time(fromInput(this.state.otherTime)))
            : _t("Arrived");
    }

    get leaveText() {
        return this.state.otherTime
            ? _t("Left at %s", this.time(fromInput(this.state.otherTime)))
            : _t("Left");
    }

    // Arriving and leaving

    toggleOtherTime() {
        this.state.otherTime = this.state.otherTime ? false : this.latest;
    }

    onOtherTime(ev) {
        // an emptied field means now, and so does a time that is still to come
        const moment = fromInput(ev.target.value);
        this.state.otherTime = moment && moment <= this.now ? ev.target.value : false;
    }

    arrive() {
        return this.tell({ kind: "arrive", at: this.enteredTime() });
    }

    leave() {
        this.save();
        return this.tell({ kind: "leave", at: this.enteredTime() });
    }

    enteredTime() {
        const moment = fromInput(this.state.otherTime);
        this.state.otherTime = false;
        return moment ? serializeDateTime(moment) : false;
    }

    async tell(entry) {
        const { card, outbox } = this.props;
        const isKept = await outbox.add({
            card: card.key,
            ticketId: card.ticket_id,
            visitId: card.id,
            ...entry,
        });
        if (!isKept) {
            this.notification.add(
                _t("This phone has no room to keep it. Do not close this page before it is sent."),
                { type: "danger", sticky: true }
            );
        }
        return isKept;
    }

    // The record of the work

    /** Show what is new of the server where nothing was typed. */
    followCard(card) {
        for (const [name, value] of Object.entries(savedWork(card))) {
            const isNew = JSON.stringify(this.state.draft[name]) !== JSON.stringify(value);
            if (isNew && !this.state.typed.includes(name)) {
                this.state.draft[name] = value;
            }
        }
    }

    /** @param {"work_done"|"parts"} name what was typed into */
    onTyped(name) {
        this.keystrokes++;
        if (!this.state.typed.includes(name)) {
            this.state.typed.push(name);
        }
        this.state.isKept = drafts.write(this.props.card.key, pick(this.state.draft, ...this.state.typed));
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.save(), PAUSE);
    }

    addPart() {
        this.state.draft.parts.push({ ...EMPTY_PART });
        this.onTyped("parts");
    }

    removePart(index) {
        this.state.draft.parts.splice(index, 1);
        this.onTyped("parts");
    }

    get work() {
        const { work_done, parts } = this.state.draft;
        return {
            work_done,
            parts: filledParts(parts).map((part) => ({ ...part, quantity: Number(part.quantity) })),
        };
    }

    /** Have what was typed sent, and nothing else; the draft goes once the outbox keeps it. */
    async save() {
        browser.clearTimeout(this.timer);
        if (!this.state.typed.length || !this.isOpen) {
            return;
        }
        const { keystrokes } = this;
        const values = pick(this.work, ...this.state.typed);
        if (await this.tell({ kind: "work", values })) {
            // unless typing has gone on meanwhile
            if (keystrokes === this.keystrokes) {
                this.forgetDraft();
            }
        }
    }

    forgetDraft() {
        this.state.typed = [];
        drafts.remove(this.props.card.key);
    }

    // Photos

    async onPhotos(ev) {
        for (const file of ev.target.files) {
            try {
                const values = { name: photoName(), data: await shrink(file) };
                await this.tell({ kind: "photo", values });
            } catch {
                this.notification.add(_t("%s is not a photo that can be read.", file.name), {
                    type: "danger",
                });
            }
        }
        ev.target.value = ""; // the same one may be taken again
    }

    removePhoto(photo) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete the photo"),
            body: _t("It is deleted for good."),
            confirmLabel: _t("Delete"),
            confirm: () =>
                photo.waiting
                    ? this.props.outbox.drop((entry) => entry.id === photo.waiting)
                    : this.tell({ kind: "removePhoto", values: { id: photo.id } }),
            cancel: () => {},
        });
    }

    // Signing

    sign() {
        const { work } = this;
        if (!work.work_done.trim()) {
            this.notification.add(_t("Write down what was done before the customer signs."), {
                type: "warning",
            });
            return;
        }
        this.dialog.add(SignDialog, {
            card: { ...this.props.card, ...work },
            now: this.now,
            onSigned: (signing) => this.onSigned(signing, work),
        });
    }

    async onSigned(signing, work) {
        const { card, outbox } = this.props;
        browser.clearTimeout(this.timer);
        this.keystrokes++; // what is being saved is signed instead
        // what the customer saw goes with the signature
        await outbox.drop((entry) => entry.card === card.key && entry.kind === "work");
        if (await this.tell({ kind: "sign", values: { ...signing, work } })) {
            this.forgetDraft();
        }
    }

    async cannotSign() {
        await this.save();
        await this.tell({ kind: "work", values: { unsigned_reason: this.state.reason.trim() } });
        this.props.onBack();
    }

    // What was refused

    retry() {
        return this.props.outbox.retry(this.props.card.key, this.enteredTime());
    }

    discard() {
        const { card, outbox } = this.props;
        this.dialog.add(ConfirmationDialog, {
            title: _t("Discard what was not accepted"),
            body: _t("What waits to be sent for this visit is deleted from this phone."),
            confirmLabel: _t("Discard"),
            confirm: () => outbox.drop((entry) => entry.card === card.key),
            cancel: () => {},
        });
    }

    // Elsewhere

    async resolve() {
        const { card, onResolved } = this.props;
        const action = await this.orm.call("helpdesk.ticket", "action_service_resolve", [
            [card.ticket_id],
        ]);
        return this.action.doAction(action, { onClose: onResolved });
    }

    openTicket() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "helpdesk.ticket",
            res_id: this.props.card.ticket_id,
            views: [[false, "form"]],
        });
    }

    openSheet() {
        const url = `/web/content/service.quality.visit.sheet/${this.props.card.sheet_id}/pdf?filename_field=filename`;
        browser.open(url, "_blank");
    }
}

/** The record of the work as the server, or the outbox, has it. */
function savedWork({ work_done, parts }) {
    return { work_done, parts: parts.map((part) => ({ ...EMPTY_PART, ...blanks(part) })) };
}

/** The server's False for an empty text as an empty text. */
function blanks(part) {
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, value || ""]));
}
