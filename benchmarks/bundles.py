"""What the client loads before its first screen, and how much of it is ours."""

import gzip

from measure import PRODUCTS, Line

from odoo import api

BUNDLES = ("web.assets_backend", "web.assets_backend_lazy")
HOW = ("minified", "gzip")
GZIP_LEVEL = 6
"""What nginx and others use unless they are told."""

FAMILY = "/service_quality"
"""How the addresses of our own files begin."""


def compare_bundles(databases):
    """Build the bundles of the client in bare and in the products.

    :return: the figures, and the lines of the table
    """
    sizes = {
        flavour: _sizes(databases[flavour], lambda _url: True)
        for flavour in ("bare", *PRODUCTS)
    }
    without = {
        flavour: _sizes(databases[flavour], lambda url: not url.startswith(FAMILY))
        for flavour in PRODUCTS
    }
    figures = {f"{flavour}_bytes": found for flavour, found in sizes.items()}
    figures |= {f"{flavour}_without_bytes": found for flavour, found in without.items()}
    lines = [
        _line(flavour, bundle, how, sizes, without)
        for flavour in PRODUCTS
        for bundle in BUNDLES
        for how in HOW
    ]
    return {"bundle": figures}, lines


def _sizes(database, is_wanted):
    """Return how large the bundles are, with the files whose address is wanted only.

    They are built as a server builds them for a browser. What it keeps of them is
    rolled back, so that each is built again.

    :return: dict of bundle to dict of one of ``HOW`` to dict of ``js``, which is with
        templates, and ``css`` to bytes
    """
    with database.registry.cursor() as cr:
        qweb = api.Environment(cr, api.SUPERUSER_ID, {})["ir.qweb"]
        found = {}
        for name in BUNDLES:
            bundle = qweb._get_asset_bundle(name)
            for kind in ("javascripts", "templates", "stylesheets"):
                files = getattr(bundle, kind)
                setattr(bundle, kind, [file for file in files if is_wanted(file.url)])
            contents = {"js": bundle.js().raw, "css": bundle.css().raw}
            if bundle.css_errors:
                raise RuntimeError("\n".join(bundle.css_errors))
            found[name] = {
                "minified": {kind: len(raw) for kind, raw in contents.items()},
                "gzip": {
                    kind: len(gzip.compress(raw, GZIP_LEVEL))
                    for kind, raw in contents.items()
                },
            }
        cr.rollback()
    return found


def _line(flavour, bundle, how, sizes, without):
    """Return the line of the table about what a product adds to a bundle."""
    whole, bare, others = (
        found[bundle][how]
        for found in (sizes[flavour], sizes["bare"], without[flavour])
    )
    own = {kind: whole[kind] - others[kind] for kind in whole}
    return Line(
        "bundle",
        f"{PRODUCTS[flavour]}kB added to {bundle}, {how}",
        (sum(whole.values()) - sum(bare.values())) / 1000,
        None,
        detail=f"bare {sum(bare.values()) / 1000:,.0f} kB; of the family's own files "
        f"{sum(own.values()) / 1000:.1f} kB: JavaScript and templates "
        f"{own['js'] / 1000:.1f}, styles {own['css'] / 1000:.1f}",
    )
