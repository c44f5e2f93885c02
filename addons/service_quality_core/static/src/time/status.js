import { _t } from "@web/core/l10n/translation";

/** How a service target can stand: a word, an icon and a colour, never the colour alone. */
export const STATUSES = {
    late: { label: _t("Late"), icon: "fa-exclamation-circle", color: "danger" },
    at_risk: { label: _t("At risk"), icon: "fa-hourglass-half", color: "warning" },
    unreachable: { label: _t("Never due"), icon: "fa-chain-broken", color: "danger" },
    running: { label: _t("On time"), icon: "fa-clock-o", color: "info" },
    paused: { label: _t("Paused"), icon: "fa-pause", color: "secondary" },
    met: { label: _t("Met"), icon: "fa-check", color: "success" },
    missed: { label: _t("Missed"), icon: "fa-times", color: "danger" },
    cancelled: { label: _t("Cancelled"), icon: "fa-ban", color: "secondary" },
    none: { label: _t("No running target"), icon: "fa-minus", color: "muted" },
};

/**
 * The status at a moment of a target that the server said something of before.
 *
 * @param {{ burning: string, deadline: number|null, warning_at?: number|null,
 *      running_since?: number|null }} target times in epoch seconds
 * @param {number} now epoch seconds
 * @returns {string} a key of STATUSES
 */
export function statusAt({ burning, deadline, warning_at, running_since }, now) {
    if (!["running", "at_risk", "paused"].includes(burning)) {
        return burning;
    }
    if (deadline && deadline < now) {
        return "late";
    }
    if (burning === "paused" && running_since && running_since <= now) {
        burning = "running";
    }
    if (burning === "running" && warning_at && warning_at <= now) {
        return "at_risk";
    }
    return burning;
}
