{
    "name": "Service Quality: Merged Tickets",
    "summary": "A merged ticket is a duplicate, and its clocks end",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "After-Sales",
    "author": "Service Quality contributors",
    "depends": ["service_quality_core", "helpdesk_mgmt_merge"],
    "data": ["wizards/helpdesk_ticket_merge_views.xml"],
    "auto_install": True,
}
