from . import survey, survey_entry, portal_survey, odoo_survey
