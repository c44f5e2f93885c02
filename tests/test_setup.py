"""The scripts and the files around them say what is so."""

import re
import subprocess

import pytest

pytestmark = pytest.mark.plain

SCRIPTS = ["benchmark", "lint", "odoo", "po", "postgres", "server", "setup", "test"]


def pins(root):
    text = (root / "requirements.txt").read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, re.M))


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_explains_itself(root, name):
    script = root / "script" / name
    word = "help-script" if name == "odoo" else "--help"
    run = subprocess.run([script, word], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert f"script/{name}" in run.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_sound_shell(root, name):
    subprocess.run(["bash", "-n", root / "script" / name], check=True)


def test_every_requirement_has_a_hash(root):
    text = (root / "requirements.txt").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert len(entries) == len(pins(root)) > 50
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["requirements.in", "requirements.txt"])
def test_no_index_address(root, name):
    assert not re.search(r"[a-z]+://|--index|--find-links", (root / name).read_text())
