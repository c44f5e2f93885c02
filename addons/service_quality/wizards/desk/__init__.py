from . import handover_say
