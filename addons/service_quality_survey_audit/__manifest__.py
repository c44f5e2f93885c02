{
    "name": "Service Quality: Customer Survey and Audit",
    "summary": "What a survey finds becomes measures and nonconformities",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_survey", "service_quality_audit"],
    "auto_install": True,
}
