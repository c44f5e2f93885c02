{
    "name": "Service Quality: Visits",
    "summary": "Engineers arrive, work and have the service sheet signed on a phone",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_core"],
    "data": [
        "security/ir.model.access.csv",
        "security/service_quality_visit_security.xml",
        "data/ir_sequence_data.xml",
        "reports/service_quality_visit_templates.xml",
        "wizards/service_quality_visit_correct_views.xml",
        "wizards/service_quality_visit_revise_views.xml",
        "views/service_quality_visit_views.xml",
        "views/helpdesk_ticket_views.xml",
        "views/portal_visit_templates.xml",
        "views/service_quality_visit_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["service_quality_visit/static/src/visits/**/*"],
        "service_quality_visit.assets_page": [
            "service_quality_visit/static/src/page/**/*"
        ],
        "web.assets_tests": ["service_quality_visit/static/tests/tours/**/*"],
        "web.assets_unit_tests": [
            ("include", "service_quality_visit.assets_page"),
            "service_quality_visit/static/tests/**/*.test.js",
        ],
    },
    "uninstall_hook": "uninstall_hook",
}
