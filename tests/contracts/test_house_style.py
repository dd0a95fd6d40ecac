"""The house's own style, as far as a machine can see it: lengths, docstrings, names of facts, facts that only remember."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("domain", "projections", "services")
LONGEST_FILE = 300
LONGEST_FUNCTION = 40

# Files that may be longer, with the reason. Splitting them would part what is looked up together.
LONGER_FILES: dict[str, str] = {}
# Where something is said to whoever sits at the terminal.
MAY_PRINT = {
    "services/cli.py", "services/fill_rate_cli.py", "services/payment_terms_cli.py", "services/aging_cli.py",
    "services/audit_cli.py", "services/starting.py", "services/progress.py", "services/demo/quarter.py",
}


HERE_ONLY = {".git", ".venv", "__pycache__", "data", "build", "o2c.egg-info"}


def tracked() -> list[str]:
    """Files of the repository, and those that are about to be added to it."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()
    if not listed:  # not a working copy: everything that lies here, but what was installed or made
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not HERE_ONLY & set(path.parts)]
    return sorted(name for name in listed if (ROOT / name).is_file())


SOURCES = [name for name in tracked() if name.endswith(".py")]
OURS = [name for name in SOURCES if name.startswith(CODE)]
READABLE = [name for name in tracked() if not name.endswith((".png", ".ico", ".woff2", ".sqlite"))]


def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_begins_with_what_it_holds(name: str) -> None:
    module = tree(name)
    assert not module.body or ast.get_docstring(module), f"{name} has no docstring"


@pytest.mark.parametrize("name", OURS)
def test_a_file_fits_into_the_head(name: str) -> None:
    lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE or name in LONGER_FILES, f"{name} has {lines} lines"


@pytest.mark.parametrize("name", OURS)
def test_a_function_fits_on_a_screen(name: str) -> None:
    """A function that only declares routes is measured by the functions in it."""
    for function in functions(tree(name)):
        inner = sum(f.end_lineno - f.lineno + 1 for f in _declared_in(function))  # type: ignore[operator]
        length = (function.end_lineno or 0) - function.lineno + 1 - inner
        assert length <= LONGEST_FUNCTION, f"{name}:{function.lineno} {function.name} has {length} lines"


def _declared_in(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in function.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def facts(name: str) -> Iterator[ast.ClassDef]:
    """Classes of facts: they have a TYPE and an ``apply``."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.ClassDef) and any(_is_type(part) for part in node.body):
            yield node


def _is_type(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "TYPE" for t in node.targets)


DOMAIN = [name for name in OURS if name.startswith("domain/")]


def test_there_are_facts_to_look_at() -> None:
    assert sum(1 for name in DOMAIN for _ in facts(name)) > 60


@pytest.mark.parametrize("name", DOMAIN)
def test_a_fact_is_named_by_what_happened(name: str) -> None:
    for fact in facts(name):
        assert not re.search(r"(Set|Updated|Changed|Created|Deleted)$", fact.name), f"{name}: {fact.name}"


FORBIDDEN = {"now", "today", "utcnow", "uuid4", "uuid1", "uuid5", "random", "time"}


@pytest.mark.parametrize("name", DOMAIN)
def test_a_fact_only_remembers(name: str) -> None:
    """``apply`` neither refuses nor looks at a clock: replaying yesterday's facts gives yesterday's state."""
    for fact in facts(name):
        for apply in (f for f in functions(fact) if f.name == "apply"):
            for node in ast.walk(apply):
                where = f"{name}:{getattr(node, 'lineno', '?')} {fact.name}.apply"
                assert not isinstance(node, ast.Raise | ast.Assert), f"{where} refuses"
                called = node.func if isinstance(node, ast.Call) else None
                word = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
                assert word not in FORBIDDEN, f"{where} calls {word}"


@pytest.mark.parametrize("name", [n for n in OURS if n not in MAY_PRINT])
def test_nothing_is_printed(name: str) -> None:
    for node in ast.walk(tree(name)):
        printed = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        assert not printed, f"{name}:{getattr(node, 'lineno', '?')} prints"


# Written in parts, so that this very file does not hold them.
PLACES_ELSEWHERE = ("/ho" + "me/", "/Use" + "rs/", "/tm" + "p/w/", "/wo" + "rk/", "py" + "pi\\.", "file" + "s\\.pythonhosted")
ELSEWHERE = re.compile("|".join(PLACES_ELSEWHERE))


@pytest.mark.parametrize("name", READABLE)
def test_no_file_names_a_machine_or_a_package_index(name: str) -> None:
    text = (ROOT / name).read_bytes().decode("utf-8", "replace")
    found = ELSEWHERE.search(text)
    assert not found, f"{name}:{text[: found.start()].count(chr(10)) + 1 if found else 0} names {found.group() if found else ''}"
