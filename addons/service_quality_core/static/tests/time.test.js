import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import { allowTranslations, patchWithCleanup } from "@web/../tests/web_test_helpers";
import {
    formatCountdown,
    formatHours,
    formatShort,
    formatWords,
} from "@service_quality_core/time/duration";
import { statusAt } from "@service_quality_core/time/status";
import { ticker } from "@service_quality_core/time/ticker";

describe.current.tags("headless");

const HOUR = 3600;

beforeEach(allowTranslations);

test("a countdown shows seconds, from two days on days", () => {
    expect(formatCountdown(0)).toBe("0:00:00");
    expect(formatCountdown(-5)).toBe("0:00:00");
    expect(formatCountdown(59.9)).toBe("0:00:59");
    expect(formatCountdown(HOUR + 61)).toBe("1:01:01");
    expect(formatCountdown(48 * HOUR - 1)).toBe("47:59:59");
    expect(formatCountdown(51 * HOUR)).toBe("2 d 3 h");
});

test("a column of figures shows hours and minutes, and nothing for no figure", () => {
    expect(formatHours(0)).toBe("0:00");
    expect(formatHours(200 * 60)).toBe("3:20");
    expect(formatHours(-90)).toBe("-0:01");
    expect(formatHours(301 * HOUR)).toBe("301:00");
    expect(formatHours(false)).toBe("");
});

test("a duration in words is exact, so that sums add up", () => {
    expect(formatWords(0)).toBe("0 s");
    expect(formatWords(200 * 60)).toBe("3 h 20 min");
    expect(formatWords(14 * HOUR + 5)).toBe("14 h 5 s");
    expect(formatShort(14 * HOUR + 65)).toBe("14 h 1 min");
    expect(formatShort(40)).toBe("40 s");
});

test("a target becomes at risk and late as time passes", () => {
    const target = { burning: "running", deadline: 1000, warning_at: 800 };
    expect(statusAt(target, 799)).toBe("running");
    expect(statusAt(target, 800)).toBe("at_risk");
    expect(statusAt(target, 1000)).toBe("at_risk");
    expect(statusAt(target, 1001)).toBe("late");
});

test("a verdict stands, whatever the time is", () => {
    for (const burning of ["met", "missed", "cancelled", "late", "none"]) {
        expect(statusAt({ burning, deadline: 1000, warning_at: 800 }, 2000)).toBe(burning);
    }
    expect(statusAt({ burning: "paused", deadline: null }, 2000)).toBe("paused");
});

test("one timer ticks at full seconds for all, and stops with the last listener", async () => {
    mockDate("2026-03-02 10:00:00");
    await advanceTime(1000 - (Date.now() % 1000));
    const heard = [];
    const isFullSecond = () => Date.now() % 1000 < 50;
    const first = () => heard.push(["first", isFullSecond()]);
    const second = () => heard.push(["second", isFullSecond()]);
    expect(ticker.isRunning).toBe(false);
    ticker.add(first);
    await advanceTime(300);
    ticker.add(second);
    await advanceTime(750);
    expect(heard).toEqual([
        ["first", true],
        ["second", true],
    ]);
    ticker.remove(first);
    ticker.remove(second);
    expect(ticker.isRunning).toBe(false);
    await advanceTime(5000);
    expect(heard).toHaveLength(2);
});

test("nothing ticks in a hidden tab; showing it again catches up at once", async () => {
    let hidden = true;
    let heard = 0;
    patchWithCleanup(document, {
        get hidden() {
            return hidden;
        },
    });
    const listener = () => heard++;
    ticker.add(listener);
    await advanceTime(5000);
    expect(heard).toBe(0);
    hidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    expect(heard).toBe(1);
    await advanceTime(3000);
    expect(heard).toBeGreaterThan(3);
    ticker.remove(listener);
});
