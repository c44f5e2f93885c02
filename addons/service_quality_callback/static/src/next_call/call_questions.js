import { Component, useRef } from "@odoo/owl";
import { REASON_KEYS, choicesOf, isDissatisfied } from "./call_model";
import { CallDeadline } from "./call_deadline";

/** What the customer is asked about one ticket. */
export class CallQuestions extends Component {
    static template = "service_quality_callback.CallQuestions";
    static components = { CallDeadline };
    static props = {
        sheet: Object,
        subject: Object,
        answer: Object,
        isActive: Boolean,
        isMain: Boolean,
        isTitled: Boolean,
        onAnswer: Function,
        onActivate: Function,
    };

    setup() {
        this.root = useRef("root");
    }

    choicesOf(name) {
        return choicesOf(this.props.sheet, name);
    }

    get reasons() {
        return this.props.sheet.reasons.map((reason, index) => ({
            ...reason,
            key: REASON_KEYS[index],
            isChosen: this.props.answer.reasonIds.includes(reason.id),
        }));
    }

    get isDissatisfied() {
        return isDissatisfied(this.props.answer);
    }

    /** Take a value back by choosing it again. */
    choose(name, value) {
        const { answer, onAnswer } = this.props;
        onAnswer({ [name]: answer[name] === value ? null : value });
    }

    toggleReason(id) {
        const { answer, onAnswer } = this.props;
        const others = answer.reasonIds.filter((reasonId) => reasonId !== id);
        const isChosen = others.length < answer.reasonIds.length;
        onAnswer({ reasonIds: isChosen ? others : [...others, id] });
    }
}
