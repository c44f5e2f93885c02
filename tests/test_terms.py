"""What the export of terms takes from our code is what our code translates."""

import ast

import pytest
from babel.messages.extract import extract

pytestmark = pytest.mark.plain


def translated(path):
    """Return the texts that a file gives to a function named _."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", None)) == "_"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def exported(path):
    """Return the terms that Odoo's export finds in a file."""
    with path.open("rb") as file:
        found = extract("odoo.tools.babel:extract_python", file, keywords={"_": None})
        return {message for _line, message, _comments, _context in found}


def test_export_takes_the_texts_and_nothing_else(root):
    """Neither names that stand near a text, nor no text because of an f-string."""
    files = [
        path
        for path in sorted((root / "addons").rglob("*.py"))
        if "tests" not in path.relative_to(root).parts
    ]
    assert sum(len(exported(path)) for path in files) > 500
    wrong = {
        str(path.relative_to(root)): difference
        for path in files
        if (difference := exported(path) ^ translated(path))
    }
    assert not wrong
