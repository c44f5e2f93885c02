{
    "name": "Service Quality: Demo Data",
    "summary": "A company that has worked with Service Quality for months",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality"],
    "data": [
        "demo/res_partner_demo.xml",
        "demo/res_users_demo.xml",
        "demo/resource_calendar_demo.xml",
        "demo/helpdesk_demo.xml",
        "demo/service_quality_project_demo.xml",
        "demo/service_quality_demo.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
