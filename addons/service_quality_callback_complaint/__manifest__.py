{
    "name": "Service Quality: Calls and Complaints",
    "summary": "A complaint after a call, and a call before a complaint closes",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_callback", "service_quality_complaint"],
    "data": [
        "security/service_quality_callback_complaint_security.xml",
        "wizards/service_quality_callback_decision_views.xml",
        "views/service_quality_callback_views.xml",
        "views/helpdesk_ticket_views.xml",
        "views/res_config_settings_views.xml",
        "views/service_quality_callback_complaint_menus.xml",
    ],
    "auto_install": True,
}
