{
    "name": "Service Quality: Customer Survey",
    "summary": "A yearly survey of customers, with questions from their agreements",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_report", "service_quality_guest", "survey"],
    "data": [
        "security/ir.model.access.csv",
        "security/service_quality_survey_security.xml",
        "views/service_quality_survey_views.xml",
        "views/service_quality_survey_contact_views.xml",
        "views/service_quality_survey_exclusion_views.xml",
        "views/service_quality_survey_menus.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
