"""The command line says what a person needs, in one sentence where something is wrong, and starts quickly."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compendium import cli
from compendium.errors import CompendiumError


def test_an_error_is_one_sentence_and_exit_code_1(small_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build", "-p", "factr=2"]) == 1
    error = capsys.readouterr().err.strip()
    assert error.startswith("compendium: params.yml and the command line: no notebook has a parameter 'factr'")
    assert "\n" not in error
    assert "Traceback" not in error


def test_debug_shows_the_traceback(small_project: Path) -> None:
    with pytest.raises(CompendiumError):
        cli.main(["--debug", "build", "-p", "factr=2"])
    with pytest.raises(CompendiumError):
        cli.main(["build", "--debug", "-p", "factr=2"])


@pytest.mark.parametrize("words", [["-p", "a=1"], ["-p", "a", "1"]])
def test_parameters_are_given_in_either_form(words: list[str]) -> None:
    options = cli.parser().parse_args(cli._joined(["build", *words]))
    assert cli._parameters(options.params) == {"a": "1"}


@pytest.mark.parametrize("words", [["-p", "a"], ["-p", "=1"]])
def test_a_parameter_without_name_or_value_is_refused(words: list[str], small_project: Path, capsys) -> None:
    assert cli.main(["build", *words]) == 1
    assert "a parameter has no value" in capsys.readouterr().err


@pytest.mark.slow
def test_a_build_ends_with_a_plain_summary(small_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("3 notebooks ran, 0 unchanged: 3 values, 1 tables, 0 figures in build/results (")
    assert sorted(line.split()[0] for line in err.splitlines()) == ["01_sum", "02_twice", "03_alone"]
    assert cli.main(["run", "03", "--force"]) == 0
    assert capsys.readouterr().out.startswith("1 notebook ran, 0 unchanged")
    assert cli.main([]) == 1, "without a manuscript there is nothing to render"


def test_a_command_with_nothing_to_do_imports_nothing_heavy(project: Path) -> None:
    code = (
        "import sys; from compendium import cli; from compendium.chain import graph, results; cli.parser();"
        "heavy = ('pandas', 'numpy', 'matplotlib', 'papermill', 'jupytext', 'pypandoc', 'doit');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project, check=True)
    assert done.stdout.strip() == "[]"


def test_the_module_is_the_command(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compendium", "--version"], capture_output=True, text=True, cwd=project, check=True
    )
    assert done.stdout.startswith("compendium ")


def test_doctor_lists_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ok  pandas") for line in lines)
    assert any("quarto" in line for line in lines)


def test_profiles_are_checked_before_they_are_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["small", "small", "large", "large", "large"]
    settings = ["urban", "rural", "rural", "urban", "urban"]
    rows = [f"Secret {n},{size},{setting}" for n, (size, setting) in enumerate(zip(sizes, settings, strict=True))]
    population, profiles = tmp_path / "areas.csv", tmp_path / "profiles.csv"
    population.write_text("\n".join(["name,size,setting", *rows]) + "\n", "utf-8")
    profiles.write_text("site,size,setting\nX,small,urban\nY,large,\n", "utf-8")
    assert cli.main(["disclosure", str(profiles), str(population), "--floor", "3"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "X: 1 of 5 fit; size narrows most (3 without it); to reach 3, withhold size (3)",
        "Y: 3 of 5 fit; size narrows most (5 without it)",
    ]
    profiles.write_text("site,colour\nX,red\n", "utf-8")
    assert cli.main(["disclosure", str(profiles), str(population)]) == 1
    assert "lack descriptors of the profiles; found name, size, setting, expected colour" in capsys.readouterr().err
    assert cli.main(["disclosure", str(tmp_path / "no.csv"), str(population)]) == 1
    assert "there are no profiles here" in capsys.readouterr().err


def test_the_sweep_writes_its_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sweep", "-j", "1", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("14,580 specifications in ")
    stable = (tmp_path / "stability.csv").read_text("utf-8").splitlines()
    assert stable[0] == "ods_code,in_study,selected,eligible,share,verdict"
    assert len(stable) == 43
    assert (tmp_path / "agreement.csv").is_file()


def test_profiles_that_would_be_misjudged_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    population, profiles = tmp_path / "areas.csv", tmp_path / "profiles.csv"
    population.write_text("name,size\na,small\nb,large\n", "utf-8")
    for text, words in (
        ("site,size\nX,small\nX,large\n", "every profile needs a name of its own"),
        ("site,size\nX,small\n,large\n", "every profile needs a name of its own"),
        ("site,size\n", "there is no profile"),
        ("site,size,wealth\nX,small,rich\n", "the areas lack descriptors of the profiles"),
    ):
        profiles.write_text(text, "utf-8")
        assert cli.main(["disclosure", str(profiles), str(population)]) == 1
        assert words in capsys.readouterr().err
    many = [f"d{n}" for n in range(13)]
    for path in (population, profiles):
        path.write_text(",".join(["site", *many]) + "\n" + ",".join(["X"] * 14) + "\n", "utf-8")
    assert cli.main(["disclosure", str(profiles), str(population), "--floor", "1"]) == 1
    assert "found 13, expected at most 12" in capsys.readouterr().err
    assert cli.main(["disclosure", str(tmp_path), str(population)]) == 1
    assert "there are no profiles here" in capsys.readouterr().err


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("", "utf-8")
    assert cli.main(["sweep", "-j", "1", "--out", str(blocked / "tables")]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("compendium: ")
    assert "blocked" in error
    assert "cannot be used" in error
    assert cli.main(["sweep", "--leave-out", "41"]) == 1
    assert "found 41, expected 0 to 5" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)])
def test_a_build_that_is_stopped_says_so_and_leaves_nothing_running(
    small_project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, name: str, code: int
) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setenv("TMPDIR", str(scratch))
    waiting = small_project / "waiting"
    third = small_project / "notebooks" / "03_alone.py"
    pause = f"import os, pathlib, time; pathlib.Path({str(waiting)!r}).write_text(str(os.getpid())); time.sleep(120)"
    third.write_text(third.read_text("utf-8").replace("store.record_value", f"{pause}\nstore.record_value"), "utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "compendium", "run", "03"], cwd=small_project, stderr=subprocess.PIPE, text=True
    )
    while not (waiting.is_file() and waiting.read_text()):
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(getattr(signal, name))
    error = running.communicate(timeout=60)[1]
    assert running.returncode == code
    assert error.splitlines()[-1] == "compendium: stopped; what stood before still stands."
    assert "Traceback" not in error
    with pytest.raises(ProcessLookupError):
        os.kill(int(waiting.read_text()), 0)
    assert list(scratch.iterdir()) == []


def test_an_error_of_the_system_without_a_file_is_one_sentence(monkeypatch, capsys) -> None:
    def refused(_options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cli, "_doctor", refused)
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().err == (
        "compendium: the system refused what the command asked of it (No space left on device)\n"
    )


def test_a_submission_with_a_blank_title_page_is_refused_and_names_each_gap(
    small_project: Path, capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    folder = small_project / "manuscript/paper"
    folder.mkdir(parents=True)
    (folder / "_authors.yml").write_bytes((project / "manuscript/paper/_authors.yml").read_bytes())
    assert cli.main(["render", "paper", "--submission"]) == 1
    error = capsys.readouterr().err
    assert "fields of the title page are not filled in" in error
    assert "manuscript/paper/_authors.yml:" in error
    for what in ("the guarantor", "the corresponding author", "the statement on the use of AI in writing"):
        assert what in error
