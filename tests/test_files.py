"""One file for each model of an addon, so that readers know where to look.

What an addon says about a model is in the file that is named after the model. Where it
does not fit into the allowed lines, a concern becomes an abstract model of its own, or
moves to a second file, which says in its docstring why it is apart.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.plain

ADDONS = Path(__file__).resolve().parents[1] / "addons"

MOST_FILES = 2
MOST_LINES = 600


def sources(*folders):
    """Yield the Python files of the addons in some of their folders."""
    for path in sorted(ADDONS.glob("*/*/**/*.py")):
        if path.relative_to(ADDONS).parts[1] in folders:
            yield path


def shown(path):
    return path.relative_to(ADDONS).as_posix()


def model_of(definition):
    """Return the model that a class defines or extends, None for another class.

    >>> def of(text):
    ...     return model_of(ast.parse(text).body[0])
    >>> of("class A(models.Model): _name = 'a'; _inherit = ['b', 'c']")
    'a'
    >>> of("class B(models.Model): _inherit = 'b'")
    'b'
    >>> of("class C: name = 'c'")
    """
    values = {
        part.targets[0].id: part.value
        for part in definition.body
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)
    }
    value = values.get("_name", values.get("_inherit"))
    return value.value if isinstance(value, ast.Constant) else None


def files_of_models(*folders):
    """Return where the models are: dict of (folder of an addon, model) to files."""
    found = defaultdict(list)
    for path in sources(*folders):
        for node in ast.parse(path.read_text()).body:
            model = isinstance(node, ast.ClassDef) and model_of(node)
            if model and path not in found[path.parent, model]:
                found[path.parent, model].append(path)
    return found


def is_named_after(path, model):
    """Return True if a file is named after a model, or after what the model is part of.

    >>> is_named_after(Path("a_thing.py"), "a.thing.line")
    True
    >>> is_named_after(Path("a_thing_signing.py"), "a.thing")
    False
    """
    return f"{model.replace('.', '_')}_".startswith(f"{path.stem}_")


def gives_reason(path):
    return ast.get_docstring(ast.parse(path.read_text())) is not None


def test_a_model_is_in_one_file():
    """A model is in one file of its addon, or in two of which one says why."""
    wrong = []
    for (folder, model), paths in files_of_models("models", "wizards").items():
        apart = [path for path in paths[1:] if not gives_reason(path)]
        if len(paths) > MOST_FILES or (apart and not gives_reason(paths[0])):
            names = ", ".join(path.name for path in paths)
            wrong.append(f"{shown(folder)}: {model} is in {len(paths)} files: {names}")
    assert not wrong, "\n".join(wrong)


def test_a_file_is_named_after_its_model():
    """A file of a model is named after it."""
    wrong = [
        f"{shown(folder)}: {model} is in {paths[0].name}"
        for (folder, model), paths in files_of_models("models", "wizards").items()
        if not any(is_named_after(path, model) for path in paths)
    ]
    assert not wrong, "\n".join(wrong)


def test_views_are_named_after_their_model():
    """A file of views holds those of one model and of its parts."""
    wrong = [
        f"{shown(path)}: a view of {model}"
        for path in sorted(ADDONS.glob("*/*/**/*_views.xml"))
        for model in re.findall(r'<field name="model">([\w.]+)<', path.read_text())
        if not is_named_after(path.with_stem(path.stem.removesuffix("_views")), model)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_file_is_not_too_long():
    """A reader can find their way in every file."""
    lines = {
        path: len(path.read_text().splitlines())
        for path in sources("models", "wizards", "controllers", "tools")
    }
    wrong = [f"{shown(p)}: {n} lines" for p, n in lines.items() if n > MOST_LINES]
    assert not wrong, "\n".join(wrong)
