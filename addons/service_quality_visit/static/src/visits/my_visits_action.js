import { Component, xml } from "@odoo/owl";
import { LazyComponent, loadBundle } from "@web/core/assets";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const BUNDLE = "service_quality_visit.assets_page";

/** A mark on devices on which the page was opened: they fetch it as the client starts. */
const OPENED = "service_quality_visit.opened";

/** The page of an engineer's day, whose code comes when it is opened. */
export class MyVisitsAction extends Component {
    static template = xml`
        <LazyComponent bundle="bundle" Component="'service_quality_visit.MyVisits'" props="props"/>`;
    static components = { LazyComponent };
    static props = { ...standardActionServiceProps };

    setup() {
        this.bundle = BUNDLE;
        browser.localStorage.setItem(OPENED, "1");
    }
}

registry.category("actions").add("service_quality_my_visits", MyVisitsAction);

/** Fetches the page while there is a connection: it is opened where there is none. */
export const myVisitsService = {
    start() {
        if (browser.localStorage.getItem(OPENED)) {
            // it is fetched again when it is opened, if it cannot be fetched now
            loadBundle(BUNDLE).catch(() => {});
        }
    },
};

registry.category("services").add("service_quality_my_visits", myVisitsService);
