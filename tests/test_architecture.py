"""The house as it is meant to stand: arrows between layers, owners of libraries, one row for each file."""

import ast
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sse_cli"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A layer may import itself and what stands behind it here.
MAY_IMPORT = {
    "errors": set(),
    "core": {"errors"},
    "text": {"core", "errors"},
    "sources": {"core", "errors"},
    "sinks": {"text", "core", "errors"},
    "reports": {"text", "core", "errors"},
    "session": {"sources", "sinks", "core", "errors"},
    "server": {"core", "errors"},
    "checking": {"session", "sources", "sinks", "text", "core", "errors"},
    "testing": {"server", "session", "sources", "sinks", "text", "core", "errors"},
    "cli": {"checking", "server", "session", "reports", "sources", "sinks", "text", "core", "errors"},
}
LAYER_OF_FILE = {
    "deadlines": "session",
    "backpressure": "session",
    "following": "session",
    "reconnecting": "session",
    "replaying": "session",
    "refusal": "session",
    "stream": "session",
    "pytest_plugin": "testing",
    "__main__": "cli",
}

# A library is imported by its owners alone.
OWNERS = {
    "jsonpath_ng": {"core/jsonpath.py"},
    "ddsketch": {"core/samples.py"},
    "tomllib": {
        "core/dialects/rules.py",
        "core/dialects/check.py",
        "cli/toml/file.py",
        "cli/toml/places.py",
    },
    "platformdirs": {"cli/config_folder.py"},
    "httptools": {"sources/http1.py", "server/request.py"},
    "h2": {"sources/http2.py", "sources/http2_errors.py"},
    "brotli": {"core/coding/br.py"},
    "backports": {"core/coding/zstd.py", "sinks/recording.py"},
    "compression": {"core/coding/zstd.py", "sinks/recording.py"},
    "pytest": {"pytest_plugin.py"},
    "trustme": {"server/tls.py"},
    "httpx": {"sources/message.py", "sources/transport.py"},
    "certifi": {"sources/tls.py"},
    "truststore": {"sources/tls.py"},
    "typer": {"cli/"},
    "rich": {"sinks/", "text/cells.py"},
}
NOT_IN_CORE = {
    "asyncio",
    "time",
    "socket",
    "ssl",
    "httpx",
    "rich",
    "typer",
    "threading",
    "select",
    "subprocess",
}


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def layer(name: str) -> str | None:
    """Return the layer of a dotted name inside the package, None for the package itself."""
    parts = name.split(".")
    return LAYER_OF_FILE.get(parts[1], parts[1]) if len(parts) > 1 else None


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Give every module that a file imports, also inside functions, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((name if node.module == "sse_cli" else node.module, node.lineno) for name in names)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_point_one_way(path: Path) -> None:
    own = layer(f"sse_cli.{relative(path).removesuffix('.py').replace('/', '.')}")
    if own == "__init__":
        return
    assert own in MAY_IMPORT, f"{relative(path)} is in no layer"
    for name, line in imports(path):
        if name.startswith("sse_cli."):
            other = layer(name)
            known = other in {own, "__version__"} or other in MAY_IMPORT[own]
            assert known, f"{relative(path)}:{line}: {own} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_libraries_have_owners(path: Path) -> None:
    for name, line in imports(path):
        owners = OWNERS.get(name.partition(".")[0])
        if owners is not None:
            owned = any(relative(path).startswith(owner) for owner in owners)
            assert owned, f"{relative(path)}:{line} imports {name}, which belongs to {owners}"


def test_pytest_finds_its_plugin() -> None:
    declared = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    (module,) = declared["project"]["entry-points"]["pytest11"].values()
    plugin = import_module(module)
    assert callable(plugin.sse_server)
    assert callable(plugin.sse_record)


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=relative)
def test_core_does_no_io_and_reads_no_clock(path: Path) -> None:
    for name, line in imports(path):
        assert name.partition(".")[0] not in NOT_IN_CORE, f"{relative(path)}:{line} imports {name}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await), f"{relative(path)} is async"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input"}, f"{relative(path)}:{node.lineno} does I/O"


def test_every_output_is_a_row_and_a_file() -> None:
    from sse_cli.sinks import OUTPUTS

    for output in OUTPUTS.values():
        source = (PACKAGE / "sinks" / f"{output.module}.py").read_text(encoding="utf-8")
        makers = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        assert "make" in {node.name for node in makers}, output.module


def test_every_report_is_a_row_and_a_file() -> None:
    from sse_cli.reports import REPORTS

    for report in REPORTS.values():
        source = (PACKAGE / "reports" / f"{report.module}.py").read_text(encoding="utf-8")
        writers = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        assert "write" in {node.name for node in writers}, report.module


def test_every_command_is_a_row_and_a_file() -> None:
    from sse_cli.cli.main import COMMANDS

    for name, module in COMMANDS.items():
        source = (PACKAGE.parent / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        assert "def command(" in source, name


def test_every_dialect_file_is_named_after_its_dialect() -> None:
    from sse_cli.core.dialects.recognise import dialect, names

    assert "openai-chat" in names()
    for name in names():
        assert dialect(name).name == name


def test_the_top_level_holds_what_was_agreed() -> None:
    agreed = {"pyproject.toml", "sse_cli", "tests", "completions", "README.md", "LICENSE"}
    top = {path.name for path in PACKAGE.parent.iterdir() if not path.name.startswith(".")}
    assert agreed <= top
    # Build leavings are ignored by git, so they may lie about in a checkout.
    assert top - agreed <= {"build", "dist", "venv", "node_modules"}
