import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

export const EVERY = 3000;

/** Reads a survey again while it is sent, so that its progress is live. */
export class SurveyRefresh extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => {
            this.timer = browser.setInterval(() => this.refresh(), EVERY);
        });
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    async refresh() {
        const { record } = this.props;
        if (!record.data.is_sending || document.hidden || this.isReading) {
            return;
        }
        this.isReading = true;
        try {
            // what somebody is typing stays
            if (!(await record.isDirty())) {
                await record.load();
            }
        } finally {
            this.isReading = false;
        }
    }
}

registry.category("view_widgets").add("service_survey_refresh", {
    component: SurveyRefresh,
    fieldDependencies: [{ name: "is_sending", type: "boolean" }],
});
