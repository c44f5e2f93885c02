{
    "name": "Service Quality",
    "summary": "The service quality management regulation, carried out and proved",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": [
        "service_quality_callback_complaint",
        "service_quality_visit",
        "service_quality_survey_audit",
    ],
    "data": [
        "views/service_quality_regulation_menus.xml",
    ],
    "assets": {
        "web.assets_tests": ["service_quality/static/tests/tours/**/*"],
    },
    "application": True,
}
