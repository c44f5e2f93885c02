{
    "name": "Service Quality: Example",
    "summary": "Adds one of everything that an addon may add; installed by tests only",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality"],
    "data": [
        "security/ir.model.access.csv",
        "report_page_loans.xml",
    ],
    "assets": {
        "web.assets_backend": ["service_quality_example/static/src/**/*"],
    },
}
