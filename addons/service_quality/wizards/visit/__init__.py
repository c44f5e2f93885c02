from . import (
    ticket_finish_visit,
    visit_correct,
    visit_revise,
)
