"""The project's own rules: who may import whom, what no file names, and what the fixtures promise."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from ioc.store import open_store
from tests.conftest import REQUIREMENTS, ROOT

ROOMS = ("ioc", "api", "connectors", "layouts", "sandbox")

# Imports


@cache
def modules() -> dict[str, Path]:
    """Find the project's modules: dotted name -> file. A package goes by its own name."""
    found = {"app": ROOT / "app.py"} if (ROOT / "app.py").exists() else {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


CALLABLE = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


@cache
def imports(module: str, at_load_only: bool = False) -> frozenset[str]:
    """List the dotted names that a module imports; `at_load_only` leaves out what its functions import."""
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            names.update({base, *(f"{base}.{alias.name}" for alias in node.names)})
        elif is_for_types_only(node) or (at_load_only and isinstance(node, CALLABLE)):
            continue
        waiting.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def room(name: str) -> str:
    return name.partition(".")[0]


def reached(start: list[str], at_load_only: bool = False) -> dict[str, str]:
    """Follow imports through the project: first part of every outside name -> the module that asked."""
    seen: set[str] = set()
    outside: dict[str, str] = {}
    waiting = [name for name in start if name in modules()]
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for name in imports(module, at_load_only):
            if room(name) in (*ROOMS, "app"):
                # importing a.b.c runs a and a.b too; the last part may be a name inside a.b
                parts = name.split(".")
                parents = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
                waiting.extend(parent for parent in parents if parent in modules())
            else:
                outside.setdefault(room(name), module)
    return outside


MAY_NOT_IMPORT = [
    (
        "ioc",
        {
            "api",
            "connectors",
            "layouts",
            "sandbox",
            "app",
            "dash",
            "plotly",
            "dash_ag_grid",
            "flask",
            "requests",
        },
    ),
    (
        "api",
        {"connectors", "layouts", "sandbox", "app", "dash", "plotly", "dash_ag_grid", "requests", "pandas"},
    ),
    ("connectors", {"api", "layouts", "sandbox", "app", "dash", "plotly", "dash_ag_grid", "flask"}),
    ("layouts", {"api", "connectors", "sandbox", "app", "requests", "paramiko"}),
    ("sandbox", {"api", "connectors", "layouts", "app", "dash", "plotly"}),
]


@pytest.mark.parametrize(("here", "forbidden"), MAY_NOT_IMPORT, ids=[here for here, _ in MAY_NOT_IMPORT])
def test_imports_point_inwards(here, forbidden):
    wrong = [
        f"{module} imports {name}"
        for module in modules()
        if room(module) == here
        for name in imports(module)
        if room(name) in forbidden
    ]
    assert wrong == []


def test_collecting_loads_no_screen_and_no_analysts_library():
    start = ["ioc.collect", "ioc.scheduler", *(name for name in modules() if room(name) == "connectors")]
    reaches = reached(start)
    heavy = {"dash", "plotly", "pandas", "flask", "granian"}
    assert {name: module for name, module in reaches.items() if name in heavy} == {}


def test_the_supervisor_loads_no_web_and_no_data_library():
    heavy = {"dash", "plotly", "pandas", "numpy", "flask", "granian", "requests", "sqlalchemy"}
    reaches = reached(["app"], at_load_only=True)
    assert {name: module for name, module in reaches.items() if name in heavy} == {}


# Files


def project_files() -> list[Path]:
    """List the files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[Path, str]]:
    """Read the project's text files; fonts, pictures and workbooks are left out."""
    found = []
    for path in project_files():
        raw = path.read_bytes()
        if b"\0" not in raw[:8192]:
            found.append((path, raw.decode("utf-8", "replace")))
    return found


FORBIDDEN = [
    (r"(?<![\w.:/}-])/(work|home|root|Users)/\w", "a folder of one machine"),
    (
        r"\b(pypi|pythonhosted|npmjs)\.(org|com)\b",
        "a package registry, which the installer's settings choose",
    ),
    (r"^(<{7}|>{7}) ", "a merge conflict"),
    (r"\b(TODO|FIXME|XXX)(?=[: (])", "unfinished work"),
]


@pytest.mark.parametrize(("pattern", "what"), FORBIDDEN, ids=[what for _, what in FORBIDDEN])
def test_no_file_names(pattern, what):
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert wrong == [], f"{what} is named in"


def test_every_library_is_pinned_exactly():
    loose = [
        f"{file}: {line}"
        for file in ("requirements.txt", "tests/requirements.txt")
        for line in (ROOT / file).read_text().splitlines()
        if line
        and not line.startswith(("#", "-r "))
        and not re.match(r"^[\w.\[\]-]+==[\w.]+(\s+#.*)?$", line)
    ]
    assert loose == []


# Fixtures


def test_a_database_is_empty_and_takes_a_table(database_url, store_kind):
    engine = sa.create_engine(database_url)
    try:
        assert engine.dialect.name == store_kind
        assert sa.inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE place (name TEXT)"))
            connection.execute(sa.text("INSERT INTO place VALUES (:name)"), {"name": "Quảng Ninh"})
            assert connection.execute(sa.text("SELECT name FROM place")).scalar() == "Quảng Ninh"
    finally:
        engine.dispose()


def test_two_stores_of_one_test_are_two_and_neither_is_anybodys(new_store_url):
    one, other = new_store_url(), new_store_url()
    open_store(one, simulated=True, province="22").close()
    open_store(other, simulated=False, province="24").close()


def test_postgres_dies_with_the_tests_that_started_it(postgres_server):
    # the worker itself cannot be killed here, so look at what the kernel was asked to do
    parent = Path(f"/proc/{postgres_server.process.pid}/status").read_text()
    assert re.search(rf"^PPid:\s+{os.getpid()}$", parent, re.M)
    assert not re.search(r"^Uid:\s+0\b", parent, re.M)


def test_the_real_files_are_there(real):
    assert any(real.iterdir())


def test_chromium_draws_vietnamese_and_reports_no_fault(page, watch):
    page.set_content("<h1>Tỷ lệ giải quyết đúng hạn</h1>")
    assert page.inner_text("h1") == "Tỷ lệ giải quyết đúng hạn"
    assert watch.faults() == []


def test_a_page_that_asks_another_host_is_caught(page, watch):
    page.set_content("<img src='http://192.0.2.1/x.png'><script>console.error('broken')</script>")
    page.wait_for_load_state("networkidle")
    faults = watch.faults()
    assert "console: broken" in faults
    assert "request to another host: http://192.0.2.1/x.png" in faults
    watch.expect("broken|ERR_NAME_NOT_RESOLVED")
    watch.foreign.clear()


SKIPPING = """
import pytest

@pytest.mark.skip(reason="not today")
def test_marked():
    pass

def test_called():
    pytest.skip("not here")
"""

SKIPPING_MODULE = """
import pytest
pytest.skip("not at all", allow_module_level=True)
"""


def run_pytest(folder: Path, **environment: str) -> subprocess.CompletedProcess:
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "test_skipping.py").write_text(SKIPPING)
    (folder / "test_module.py").write_text(SKIPPING_MODULE)
    clean = {name: value for name, value in os.environ.items() if name not in REQUIREMENTS}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(folder)],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_skip_is_a_skip_where_nothing_is_required(tmp_path):
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "3 skipped" in done.stdout


@pytest.mark.parametrize("variable", REQUIREMENTS)
def test_a_skip_is_a_failure_where_something_is_required(tmp_path, variable):
    done = run_pytest(tmp_path, **{variable: "1"})
    assert done.returncode != 0
    assert "skipped, which" in done.stdout
    assert f"{variable}=1 forbids" in done.stdout
    assert " skipped" not in done.stdout.splitlines()[-1]
