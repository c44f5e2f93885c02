import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { session } from "@web/session";

const key = (card) => `service_quality_visit.visit.${session.db}.${user.userId}.${card}`;

/**
 * What is being typed about a visit, written to the browser with each key: it is there
 * again after the page was closed, whether there was a connection or not. It goes when the
 * server has it.
 */
export const drafts = {
    read(card) {
        return JSON.parse(browser.localStorage.getItem(key(card)) || "null");
    },
    /** @returns {boolean} whether the browser could keep it */
    write(card, draft) {
        try {
            browser.localStorage.setItem(key(card), JSON.stringify(draft));
            return true;
        } catch {
            return false;
        }
    },
    remove(card) {
        browser.localStorage.removeItem(key(card));
    },
    /** Follow a ticket that became a visit. */
    move(from, to) {
        const draft = this.read(from);
        if (draft && from !== to) {
            this.write(to, draft);
            this.remove(from);
        }
    },
};
