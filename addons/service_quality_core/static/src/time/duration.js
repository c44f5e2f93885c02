import { _t } from "@web/core/l10n/translation";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

const pad = (number) => String(number).padStart(2, "0");

function parts(seconds) {
    const whole = Math.max(Math.floor(seconds), 0);
    return {
        days: Math.floor(whole / DAY),
        hours: Math.floor(whole / HOUR),
        minutes: Math.floor((whole % HOUR) / MINUTE),
        seconds: whole % MINUTE,
    };
}

/**
 * A number that ticks: 1:02:03, from two days on 2 d 3 h.
 *
 * @param {number} seconds what is left; less than none is shown as none
 * @returns {string}
 */
export function formatCountdown(seconds) {
    const { days, hours, minutes, seconds: rest } = parts(seconds);
    if (days >= 2) {
        return _t("%(days)s d %(hours)s h", { days, hours: hours % 24 });
    }
    return `${hours}:${pad(minutes)}:${pad(rest)}`;
}

/**
 * Hours and minutes as h:mm, for columns of figures.
 *
 * @param {number | false} seconds
 * @returns {string}
 */
export function formatHours(seconds) {
    if (typeof seconds !== "number") {
        return "";
    }
    const { hours, minutes } = parts(Math.round(Math.abs(seconds)));
    return `${seconds < 0 ? "-" : ""}${hours}:${pad(minutes)}`;
}

/**
 * A duration in words, exact to the second: 3 h 20 min, 5 min 12 s.
 *
 * Sums made of it add up, which rounded ones would not.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatWords(seconds) {
    const { hours, minutes, seconds: rest } = parts(seconds);
    const words = [];
    if (hours) {
        words.push(_t("%s h", hours));
    }
    if (minutes) {
        words.push(_t("%s min", minutes));
    }
    if (rest || !words.length) {
        words.push(_t("%s s", rest));
    }
    return words.join(" ");
}

/**
 * As formatWords, without seconds where there are hours or minutes to show.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatShort(seconds) {
    return formatWords(seconds < MINUTE ? seconds : seconds - (Math.floor(seconds) % MINUTE));
}
