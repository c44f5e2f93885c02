import {
    Component,
    onPatched,
    onWillStart,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useTicking } from "@service_quality_core/time/ticker";
import { askToLeave } from "./ask_to_leave";
import { CallDeadline } from "./call_deadline";
import { handleKey } from "./call_keys";
import {
    emptyAnswer,
    hasInput,
    hasOutcome,
    isNumberMissing,
    isTouched,
    mayKeepNumber,
    needsNumber,
    obstacleOf,
    telephoneLink,
    timeThere,
    valuesOf,
} from "./call_model";
import { CallQuestions } from "./call_questions";

const { DateTime } = luxon;

const MODEL = "service.quality.callback";

/** Whom to call now, what to say, and what came of it; then the next. */
export class NextCall extends Component {
    static template = "service_quality_callback.NextCall";
    static components = { CallDeadline, CallQuestions, Layout };
    static props = { ...standardActionServiceProps };
    static path = "next-call";
    static displayName = _t("Next Call");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.display = { controlPanel: {} };
        this.state = useState({ sheet: false, skipIds: [], isSaving: false });
        this.reset();
        this.clock = useTicking((now) => this.compute(now));
        useExternalListener(window, "keydown", (event) => handleKey(this, event));
        useSetupAction({
            beforeLeave: () => this.confirmLeaving(),
            beforeUnload: (event) => this.isDirty && event.preventDefault(),
        });
        onWillStart(() => this.start());
        onPatched(() => this.focusAsAsked());
        onWillUnmount(() => this.release());
        useEffect(
            () => {
                this.root.el?.scrollIntoView({ block: "start" });
            },
            () => [this.state.sheet && this.state.sheet.id]
        );
    }

    compute(now) {
        const { sheet } = this.state;
        return { there: sheet ? timeThere(sheet.contact, now) : "" };
    }

    // ------------------------------------------------------------------
    // Loading
    // ------------------------------------------------------------------

    /** Begin with the call that was chosen in a list, otherwise with the most urgent. */
    async start() {
        const { callback_id: callbackId } = this.props.action.params || {};
        await (callbackId ? this.take(callbackId) : this.load());
    }

    async load() {
        this.show(await this.orm.call(MODEL, "next_call", [], { skip_ids: this.state.skipIds }));
    }

    async take(callbackId) {
        try {
            this.show(await this.orm.call(MODEL, "take", [[callbackId]]));
        } catch (error) {
            await this.load();
            this.explain(error);
        }
    }

    show(found) {
        Object.assign(this.state, {
            sheet: found.call,
            left: found.left,
            nextAt: found.next_at,
            withoutNumber: found.without_number,
        });
        this.reset();
    }

    /** Start with nothing entered. */
    reset() {
        const { sheet } = this.state;
        const subjects = sheet ? [sheet, ...sheet.others] : [];
        Object.assign(this.state, {
            subjects,
            answers: Object.fromEntries(subjects.map(({ id }) => [id, this.newAnswer()])),
            activeId: sheet && sheet.id,
            disposition: null,
            appointment: "",
            dialled: "",
            isNumberKept: true,
            isNumberEdited: false,
            phone: "",
            contactId: null,
            note: "",
            recordingRef: "",
            numberProblem: "",
            problem: "",
        });
    }

    /** Who did the work follows up tomorrow, unless the caller says otherwise. */
    newAnswer() {
        const { colleagues } = this.state.sheet;
        return {
            ...emptyAnswer(),
            followUpUserId: colleagues.length ? colleagues[0].id : null,
            followUpDate: DateTime.local().plus({ days: 1 }).toISODate(),
        };
    }

    release() {
        if (this.state.sheet) {
            this.orm.silent.call(MODEL, "release", [[this.state.sheet.id]]);
        }
    }

    // ------------------------------------------------------------------
    // What is shown
    // ------------------------------------------------------------------

    get isDirty() {
        return hasInput(this.state);
    }

    get phoneLink() {
        return telephoneLink(this.state.sheet.contact.phone);
    }

    /** The link that dials what was typed; empty while that is no number. */
    get dialledLink() {
        const { dialled } = this.state;
        return /\d/.test(dialled) ? telephoneLink(dialled) : "";
    }

    get needsNumber() {
        return needsNumber(this.state);
    }

    get mayKeepNumber() {
        return mayKeepNumber(this.state);
    }

    get nextAtText() {
        const { nextAt } = this.state;
        return nextAt ? formatDateTime(deserializeDateTime(nextAt), { showSeconds: false }) : "";
    }

    get isAnswered() {
        return Object.values(this.state.answers).some(isTouched);
    }

    get isNumberShown() {
        return this.state.isNumberEdited || hasOutcome(this.state, "bad_number");
    }

    get isPromised() {
        return hasOutcome(this.state, "promised");
    }

    get leftText() {
        return _t("%s left today", this.state.left);
    }

    get withoutNumberText() {
        return _t("%s wait for a number", this.state.withoutNumber);
    }

    get skippedText() {
        return _t("You have passed over %s.", this.state.skipIds.length);
    }

    get hoursText() {
        const { hours, local_time: time } = this.state.sheet.contact;
        return _t("It is %(time)s there: calls are made from %(hours)s.", {
            time: this.clock.there || time,
            hours,
        });
    }

    moment(text) {
        return formatDateTime(deserializeDateTime(text), { showSeconds: false });
    }

    personText({ name, phone }) {
        return phone ? `${name} · ${phone}` : name;
    }

    ticketLink(subject) {
        return `/odoo/helpdesk.ticket/${subject.ticket.id}`;
    }

    /** The date before which a promise or a follow-up makes no sense. */
    get today() {
        return DateTime.local().toISODate();
    }

    // ------------------------------------------------------------------
    // Entering
    // ------------------------------------------------------------------

    answer(callbackId, values) {
        Object.assign(this.state.answers[callbackId], values);
        this.state.activeId = callbackId;
        this.state.problem = "";
        if (this.isAnswered) {
            this.state.disposition = null;
        }
    }

    /** Say the same about every ticket: the customer's trouble was one. */
    answerAll() {
        const answer = this.state.answers[this.state.activeId];
        for (const { id } of this.state.subjects) {
            this.state.answers[id] = { ...answer, reasonIds: [...answer.reasonIds] };
        }
    }

    activate(step) {
        const ids = this.state.subjects.map(({ id }) => id);
        const index = ids.indexOf(this.state.activeId) + step;
        this.state.activeId = ids[Math.min(Math.max(index, 0), ids.length - 1)];
        this.focusOn(`[data-callback="${this.state.activeId}"]`);
    }

    dispose(disposition) {
        this.state.disposition = this.state.disposition === disposition ? null : disposition;
        this.state.problem = "";
        if (this.isPromised) {
            this.focusLater("[name=appointment]");
        } else if (this.isNumberShown) {
            this.focusLater("[name=phone]");
        }
    }

    editNumber() {
        this.state.isNumberEdited = !this.state.isNumberEdited;
        if (this.state.isNumberEdited) {
            this.focusLater("[name=phone]");
        }
    }

    focusOn(selector) {
        const element = this.root.el.querySelector(selector);
        element?.focus();
        element?.scrollIntoView({ block: "nearest" });
    }

    /** Focus on what the present change brings to the page. */
    focusLater(selector) {
        this.focusSelector = selector;
        this.render();
    }

    focusAsAsked() {
        const selector = this.focusSelector;
        this.focusSelector = null;
        if (selector) {
            this.focusOn(selector);
        }
    }

    // ------------------------------------------------------------------
    // Saving
    // ------------------------------------------------------------------

    async save() {
        if (this.state.isSaving || !this.state.sheet) {
            return;
        }
        this.state.problem = obstacleOf(this.state);
        this.state.numberProblem = isNumberMissing(this.state)
            ? _t("Enter the number that you dialled.")
            : "";
        if (this.state.numberProblem || this.state.problem) {
            this.focusLater(
                this.state.numberProblem ? "[name=dialled]" : ".o_service_call_problem"
            );
            return;
        }
        const { sheet } = this.state;
        const isCorrected = this.isNumberShown && (this.state.phone.trim() || this.state.contactId);
        await this.guard(async () => {
            const values = valuesOf(this.state);
            if (this.mayKeepNumber && this.state.isNumberKept) {
                // before the call is saved: one that has ended takes no number
                await this.orm.call(MODEL, "set_number", [[sheet.id], values.number]);
                Object.assign(sheet.contact, { phone: values.number, has_number: true });
            }
            await this.orm.call(MODEL, "save_call", [[sheet.id]], values);
            this.notification.add(_t("Saved: %s", sheet.name), { type: "success" });
            if (isCorrected) {
                // the call that was made is not entered twice should the number be refused
                Object.assign(this.state, { disposition: null, note: "", isNumberEdited: true });
                await this.correctNumber();
                await this.take(sheet.id);
            } else {
                await this.load();
            }
        });
    }

    /** Correct the number during the call; what was entered stays. */
    async saveNumber() {
        const { sheet } = this.state;
        await this.guard(async () => {
            await this.correctNumber();
            const { call } = await this.orm.call(MODEL, "take", [[sheet.id]]);
            Object.assign(sheet, { contact: call.contact, contacts: call.contacts });
            Object.assign(this.state, { isNumberEdited: false, phone: "", contactId: null });
        });
    }

    async correctNumber() {
        const { sheet, phone, contactId } = this.state;
        if (contactId) {
            await this.orm.call(MODEL, "set_contact", [[sheet.id], contactId]);
        }
        if (phone.trim()) {
            await this.orm.call(MODEL, "set_number", [[sheet.id], phone]);
        }
    }

    /** Run what talks to the server, once at a time; what it refuses is said on the page. */
    async guard(callback) {
        this.state.isSaving = true;
        try {
            await callback();
        } catch (error) {
            this.explain(error);
        } finally {
            this.state.isSaving = false;
        }
    }

    explain(error) {
        if (!(error instanceof RPCError) || !error.exceptionName?.startsWith("odoo.exceptions.")) {
            throw error;
        }
        this.state.problem = error.data.message;
        this.focusLater(".o_service_call_problem");
    }

    // ------------------------------------------------------------------
    // Moving on
    // ------------------------------------------------------------------

    async skip() {
        if (this.state.isSaving || !this.state.sheet || !(await this.confirmLeaving())) {
            return;
        }
        await this.guard(async () => {
            const { id } = this.state.sheet;
            this.state.skipIds.push(id);
            await this.orm.call(MODEL, "release", [[id]]);
            await this.load();
        });
    }

    async startAgain() {
        this.state.skipIds = [];
        await this.guard(() => this.load());
    }

    /** End the call without making it, for a reason that a dialog asks for. */
    decide(decision) {
        const { id } = this.state.sheet;
        this.action.doAction("service_quality_callback.service_quality_callback_decision_action", {
            additionalContext: {
                active_model: MODEL,
                active_id: id,
                active_ids: [id],
                default_decision: decision,
            },
            onClose: () => this.guard(() => this.loadIfEnded(id)),
        });
    }

    async loadIfEnded(callbackId) {
        const [{ state }] = await this.orm.read(MODEL, [callbackId], ["state"]);
        if (state === "ended") {
            await this.load();
        }
    }

    openWithoutNumber() {
        this.action.doAction("service_quality_callback.service_quality_callback_action", {
            additionalContext: { search_default_needs_number: 1, search_default_queue: 0 },
        });
    }

    /** @returns {Promise<boolean>} whether what was entered may be lost */
    confirmLeaving() {
        if (!this.isDirty) {
            return Promise.resolve(true);
        }
        return askToLeave(this.dialog);
    }
}

registry.category("actions").add("service_quality_callback.next_call", NextCall);
