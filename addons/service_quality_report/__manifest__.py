{
    "name": "Service Quality: Reports",
    "summary": "Reports that are drafted, reviewed, sent and acknowledged",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_indicator"],
    "data": [
        "security/ir.model.access.csv",
        "security/service_quality_report_security.xml",
        "data/ir_cron_data.xml",
        "data/ir_sequence_data.xml",
        "data/mail_activity_type_data.xml",
        "reports/service_quality_report_templates.xml",
        "wizards/service_quality_report_say_views.xml",
        "views/service_quality_agreement_views.xml",
        "views/service_quality_escalation_views.xml",
        "views/portal_report_templates.xml",
        "views/res_config_settings_views.xml",
        "views/service_quality_report_instruction_views.xml",
        "views/service_quality_report_response_views.xml",
        "views/service_quality_report_views.xml",
        "views/service_quality_report_menus.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "service_quality_report/static/src/report/report_page.css"
        ],
        "web.assets_backend": ["service_quality_report/static/src/**/*"],
        "web.assets_tests": ["service_quality_report/static/tests/tours/**/*"],
    },
    "uninstall_hook": "uninstall_hook",
}
