{
    "name": "Service Quality",
    "summary": "Agreements, a ledger and clocks that prove what was promised",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["helpdesk_mgmt", "helpdesk_type", "resource"],
    "data": [
        # security
        "security/service_quality_groups.xml",
        "security/ir.model.access.csv",
        "security/service_quality_security.xml",
        # data
        "data/ir_sequence_data.xml",
        "data/helpdesk_ticket_type_data.xml",
        "data/helpdesk_ticket_stage_data.xml",
        "data/service_quality_code_data.xml",
        "data/ir_cron_data.xml",
        "data/ir_actions_server_data.xml",
        # reports
        "reports/agreement_templates.xml",
        # wizards
        # views
    ],
    "assets": {
        "web.assets_backend": ["service_quality/static/src/**/*"],
        "web.assets_unit_tests": ["service_quality/static/tests/**/*.test.js"],
    },
    "application": True,
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
