import { Component, onWillStart } from "@odoo/owl";
import { parseXML } from "@web/core/utils/xml";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Record } from "@web/model/record";
import { extractFieldsFromArchInfo, makeActiveField } from "@web/model/relational_model/utils";
import { X2ManyField } from "@web/views/fields/x2many/x2many_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const LIMIT = 80;

/**
 * Lists what belongs to a record once its page of the notebook is opened.
 *
 * A One2many in the form is read whenever the form is, whether its page is looked at or
 * not. This field stands on a number that grows with each change of the lines, and reads
 * them again when it has grown.
 */
export class LazyLinesField extends Component {
    static template = "service_quality_core.LazyLinesField";
    static components = { Record, X2ManyField };
    static props = {
        ...standardFieldProps,
        lines: String,
        model: String,
        viewRefs: Object,
    };

    setup() {
        this.viewService = useService("view");
        this.viewType = this.env.isSmall ? "kanban" : "list";
        onWillStart(() => this.loadView());
    }

    async loadView() {
        const { lines, model, viewRefs } = this.props;
        const { viewType } = this;
        const { fields, relatedModels, views } = await this.viewService.loadViews({
            resModel: model,
            views: [[false, viewType]],
            context: { [`${viewType}_view_ref`]: viewRefs[viewType] },
        });
        const { ArchParser } = registry.category("views").get(viewType);
        const arch = parseXML(views[viewType].arch);
        const archInfo = new ArchParser().parse(arch, relatedModels, model);
        const limit = archInfo.limit || LIMIT;
        this.views = { [viewType]: { ...archInfo, fields, limit, noOpen: true } };
        this.relatedFields = fields;
        this.fields = {
            [lines]: {
                name: lines,
                type: "one2many",
                relation: model,
                readonly: true,
                context: {},
                domain: [],
            },
        };
        this.activeFields = {
            [lines]: {
                ...makeActiveField({ readonly: "True" }),
                related: extractFieldsFromArchInfo(archInfo, fields),
                limit,
                defaultOrderBy: archInfo.defaultOrder,
            },
        };
    }

    /** What is read belongs to one record in one state. */
    get key() {
        const { name, record } = this.props;
        return `${record.resId}-${record.data[name]}`;
    }
}

registry.category("fields").add("service_lazy_lines", {
    component: LazyLinesField,
    supportedTypes: ["integer"],
    isEmpty: () => false,
    extractProps: ({ options }) => ({
        lines: options.lines,
        model: options.model,
        viewRefs: { list: options.list, kanban: options.kanban },
    }),
});
