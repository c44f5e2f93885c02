from . import portal_suggestion
