{
    "name": "Service Quality: Customer Survey and Audit",
    "summary": "What a survey finds becomes measures and nonconformities",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_survey", "service_quality_audit"],
    "data": [
        "views/res_config_settings_views.xml",
        "views/service_quality_survey_part_views.xml",
    ],
    "auto_install": True,
}
