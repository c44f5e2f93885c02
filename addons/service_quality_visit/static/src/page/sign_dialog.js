/* global SignaturePad */

import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { loadJS } from "@web/core/assets";
import { Dialog } from "@web/core/dialog/dialog";
import { filledParts, shortTime } from "../visits/visit_model";

/** The width of the pen, in pixels of the page. */
const PEN = 3;

/** Loaded with the page, so that it is there when the connection is not. */
export function loadSignaturePad() {
    return loadJS("/web/static/lib/signature_pad/signature_pad.umd.js");
}

/**
 * Strokes as they fit into a field: the same where they do, otherwise smaller as a whole.
 *
 * @param {object[]} strokes as signature_pad tells them
 */
export function fitted(strokes, width, height) {
    const points = strokes.flatMap((stroke) => stroke.points);
    const reach = (name) => Math.max(0, ...points.map((point) => point[name])) + PEN;
    const scale = Math.min(1, width / reach("x"), height / reach("y"));
    return strokes.map((stroke) => ({
        ...stroke,
        points: stroke.points.map((point) => ({ ...point, x: point.x * scale, y: point.y * scale })),
    }));
}

/**
 * The customer reads what was done, enters a name and signs with a finger.
 *
 * Odoo's own signing dialog also writes a name in a font and takes a picture from a file,
 * and asks the server for both: here a hand has to sign, connected or not.
 */
export class SignDialog extends Component {
    static template = "service_quality_visit.SignDialog";
    static components = { Dialog };
    static props = { card: Object, now: Object, onSigned: Function, close: Function };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ name: this.props.card.contact || "", isBlank: true });
        onWillStart(loadSignaturePad);
        onMounted(() => {
            this.pad = new SignaturePad(this.canvas.el, { minWidth: PEN / 2, maxWidth: PEN, penColor: "DarkBlue" });
            this.pad.addEventListener("endStroke", () => (this.state.isBlank = this.pad.isEmpty()));
            this.observer = new ResizeObserver(() => this.resize());
            this.observer.observe(this.canvas.el);
        });
        onWillUnmount(() => {
            this.observer?.disconnect();
            this.pad?.off();
        });
    }

    get parts() {
        return filledParts(this.props.card.parts);
    }

    get arrived() {
        return shortTime(this.props.card.arrived, this.props.now);
    }

    get left() {
        return shortTime(this.props.card.left || this.props.now, this.props.now);
    }

    get canSign() {
        return this.state.name.trim() && !this.state.isBlank;
    }

    /**
     * Fit the field to the screen, also when the phone is turned. All strokes stay: what no
     * longer fits is drawn smaller, as what lies outside of the field is not stored.
     */
    resize() {
        const canvas = this.canvas.el;
        const ratio = Math.max(window.devicePixelRatio || 1, 1);
        const width = Math.round(canvas.clientWidth * ratio);
        const height = Math.round(canvas.clientHeight * ratio);
        if (!width || !height || (canvas.width === width && canvas.height === height)) {
            return;
        }
        const strokes = fitted(this.pad.toData(), canvas.clientWidth, canvas.clientHeight);
        Object.assign(canvas, { width, height });
        canvas.getContext("2d").scale(ratio, ratio);
        this.pad.fromData(strokes);
        this.state.isBlank = this.pad.isEmpty();
    }

    clear() {
        this.pad.clear();
        this.state.isBlank = true;
    }

    confirm() {
        this.props.onSigned({
            signed_name: this.state.name.trim(),
            signature: this.pad.toDataURL("image/png").split(",")[1],
        });
        this.props.close();
    }
}
