import base64

from odoo import api, models
from odoo.exceptions import UserError

from ..tools.sandbox import clean, is_large
from ..tools.sanitizer import Refused


class ImageMixin(models.AbstractModel):
    """Has another process draw pictures that take much to open, also of customers."""

    _inherit = "image.mixin"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [draw_smaller(self.env, vals, "image_1920") for vals in vals_list]
        )

    def write(self, vals):
        return super().write(draw_smaller(self.env, vals, "image_1920"))


def draw_smaller(env, vals, name):
    """Return values with a picture that takes much to open drawn by another process.

    :param name: of the field with the picture
    :raise UserError: for a picture that takes too much there as well
    """
    if not vals.get(name):
        return vals
    try:
        content = base64.b64decode(vals[name])
        if not is_large(content):
            return vals
        return vals | {name: base64.b64encode(clean(content).content)}
    except ValueError:  # Odoo says what is wrong with it
        return vals
    except Refused as error:
        raise UserError(
            env._(
                "This picture takes too much to open. Save it smaller, as a JPEG or "
                "PNG, and choose it again."
            )
        ) from error
