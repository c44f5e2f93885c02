from odoo import models


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _get_image_stream_from(self, record, *args, width=0, height=0, **kwargs):
        """Return a file that is no picture as it is, whatever size is asked for.

        A picture that takes too much to open is kept as a file that is downloaded.
        Odoo would open it all the same when it is asked for in another size.
        """
        if record._name == record.env["ir.attachment"]._name:
            mimetype = record.sudo().mimetype or ""  # of a file that may be read
            if not mimetype.startswith("image/"):
                width = height = 0
                kwargs["crop"] = False
        return super()._get_image_stream_from(
            record, *args, width=width, height=height, **kwargs
        )
