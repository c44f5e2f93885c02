{
    "name": "Service Quality: Desk",
    "summary": "What burns, who is on duty, and the handover of a shift",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_core"],
    "data": [
        "security/ir.model.access.csv",
        "security/service_quality_handover_security.xml",
        "reports/handover_report.xml",
        "wizards/service_quality_handover_say_views.xml",
        "views/service_quality_desk_views.xml",
        "views/service_quality_handover_views.xml",
        "views/service_quality_duty_views.xml",
        "views/service_quality_desk_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["service_quality_desk/static/src/**/*"],
        "web.assets_tests": ["service_quality_desk/static/tests/tours/**/*"],
        "web.assets_unit_tests": [
            "service_quality_desk/static/tests/desk_block.js",
            "service_quality_desk/static/tests/**/*.test.js",
        ],
    },
    "uninstall_hook": "uninstall_hook",
}
