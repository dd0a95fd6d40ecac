"""``make mutation``: the money rules with every little change that mutmut knows, each judged by the rules' own tests.

mutmut was chosen because it runs a mutant in a fork in a tenth of a second, goes on where it was stopped and is maintained.
The limit is 90 % killed, module by module, and every survivor explained in survivors.toml.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

LEAST = 0.90
EXPLAINED = Path(__file__).with_name("survivors.toml")
KILLED = ("killed", "timeout", "caught by type check")
MUTMUT = str(Path(sys.executable).with_name("mutmut"))


def main() -> int:
    subprocess.run([MUTMUT, "run", *sys.argv[1:]], check=True)  # it shows how far it is
    results = outcomes(subprocess.run([MUTMUT, "results", "--all", "true"], check=True, capture_output=True, text=True).stdout)
    wrong = report(results, tomllib.loads(EXPLAINED.read_text(encoding="utf-8")))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def outcomes(text: str) -> dict[str, str]:
    """By mutant (``module.x_function__mutmut_n``) what became of it."""
    parted = (line.strip().rpartition(": ") for line in text.splitlines() if "__mutmut_" in line)
    return {name: status for name, _, status in parted}


def report(results: dict[str, str], explained: dict[str, dict[str, object]]) -> list[str]:
    """Prints the table; answers what keeps the run from passing."""
    wrong = [] if results else ["nothing was mutated: nothing was shown"]
    by_module: dict[str, Counter[str]] = {}
    by_function: Counter[str] = Counter()
    for name, status in results.items():
        function = name.partition("__mutmut_")[0]
        module = function.rpartition(".")[0]
        by_module.setdefault(module, Counter())["killed" if status in KILLED else "left"] += 1
        if status not in KILLED:
            by_function[function] += 1
    print(f"{'module':44} {'mutants':>8} {'killed':>8} {'left':>6}")
    for module, counts in sorted(by_module.items()):
        share = counts["killed"] / counts.total()
        print(f"{module:44} {counts.total():8} {share:8.1%} {counts['left']:6}")
        if share < LEAST:
            wrong.append(f"{module}: {share:.1%} killed, {LEAST:.0%} wanted")
    for function, left in sorted(by_function.items()):
        most = explained.get(function, {}).get("most", 0)
        if not isinstance(most, int) or left > most:
            wrong.append(f"{function}: {left} survivors, {most} explained (mutmut results; mutmut show NAME)")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
