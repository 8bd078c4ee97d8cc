"""What a build says while it runs: every notebook of a short chain, a bar or twenty lines of a long one."""

import io
import re
import sys

import pytest

from compendium.chain.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(progress: Progress, count: int) -> None:
    with progress:
        for number in range(1, count + 1):
            name = f"{number:03}_n"
            progress(name, "start", 0, 0)
            progress(name, "cell", 1, 4)
            progress(name, "failed" if number == 7 else "done", 4, 4)


def test_a_short_chain_has_a_line_for_each_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    run(Progress(8), 8)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[:2] for line in lines] == [
        [f"{number:03}_n", "failed" if number == 7 else "done"] for number in range(1, 9)
    ]


def test_a_long_chain_has_twenty_lines_and_one_for_each_failure(capsys: pytest.CaptureFixture[str]) -> None:
    run(Progress(1000), 1000)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[0].startswith("007_n")
    assert re.fullmatch(r"50 of 1,000 notebooks ended in \d+ s", lines[1])
    assert lines[-1].startswith("1,000 of 1,000")


def test_on_a_terminal_a_long_chain_is_a_bar_above_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    progress = Progress(100)
    run(progress, 50)
    progress("051_n", "start", 0, 0)
    last = screen.getvalue().rsplit("\x1b[J", 1)[-1]
    assert re.fullmatch(r"\[#{12}\.{12}\] 50 of 100 notebooks ended in \d+ s\n051_n +starting\n", last)
