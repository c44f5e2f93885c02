from . import (
    attachment,
    export,
    portal,
    portal_page,
    portal_ticket,
)
