/* global SignaturePad */

import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { loadJS } from "@web/core/assets";
import { Dialog } from "@web/core/dialog/dialog";
import { filledParts, shortTime } from "./visit_model";

const { DateTime } = luxon;

/** Loaded with the page, so that it is there when the connection is not. */
export function loadSignaturePad() {
    return loadJS("/web/static/lib/signature_pad/signature_pad.umd.js");
}

/**
 * The customer reads what was done, enters a name and signs with a finger.
 *
 * Odoo's own signing dialog also writes a name in a font and takes a picture from a file,
 * and asks the server for both: here a hand has to sign, connected or not.
 */
export class SignDialog extends Component {
    static template = "service_quality.SignDialog";
    static components = { Dialog };
    static props = { card: Object, onSigned: Function, close: Function };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ name: this.props.card.contact || "", isBlank: true });
        this.now = DateTime.now();
        onWillStart(loadSignaturePad);
        onMounted(() => {
            this.pad = new SignaturePad(this.canvas.el, { minWidth: 1.5, maxWidth: 3, penColor: "DarkBlue" });
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
        return shortTime(this.props.card.arrived, this.now);
    }

    get left() {
        return shortTime(this.props.card.left || this.now, this.now);
    }

    get canSign() {
        return this.state.name.trim() && !this.state.isBlank;
    }

    /** Fit the drawing to the screen, also when the phone is turned; strokes stay. */
    resize() {
        const canvas = this.canvas.el;
        const ratio = Math.max(window.devicePixelRatio || 1, 1);
        const width = canvas.clientWidth * ratio;
        const height = canvas.clientHeight * ratio;
        if (canvas.width === width && canvas.height === height) {
            return;
        }
        const strokes = this.pad.toData();
        Object.assign(canvas, { width, height });
        canvas.getContext("2d").scale(ratio, ratio);
        this.pad.fromData(strokes);
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
