from . import (
    attachment,
    export,
    portal,
    portal_ticket,
)
