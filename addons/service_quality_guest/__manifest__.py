{
    "name": "Service Quality: Pages for Guests",
    "summary": "Pages that anybody may open without being known",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_core"],
    "data": [
        "views/guest_templates.xml",
    ],
}
