#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The supervisor, from outside: two processes that behave as one. Signals, stops, the end of either, no process to be had.

Usage: test_supervisor.py ETL-HOST PLUGIN-FOLDER
"""
import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

TRADE = b'{"event_type":"buy","account_id":1,"ticker":"A","amount":1,"price":1,"timestamp":1}\n'
PATIENCE_S = 20
ENDS = signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1


def wait_until(what, condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f'never: {what}'
        time.sleep(0.005)


def children(pid):
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
        return [int(word) for word in file.read().split()]


def state(pid):
    """As ps has it: R, S, T ...; None: gone."""
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
            return file.read().rpartition(')')[2].split()[0]
    except FileNotFoundError:
        return None


class Run:
    """One that waits for more input, with its outputs begun."""

    def __init__(self, folder, *options, ignores=()):
        def prepare():
            os.setpgid(0, 0)
            for number in ENDS:  # whoever started the tests may ignore some
                signal.signal(number, signal.SIG_IGN if number in ignores else signal.SIG_DFL)

        self.folder = folder
        self.process = subprocess.Popen([HOST, *options, 'pipeline.yaml'], cwd=folder, stdin=subprocess.PIPE,
                                        stderr=subprocess.PIPE, preexec_fn=prepare)
        self.process.stdin.write(TRADE)
        self.process.stdin.flush()
        wait_until('outputs are begun', lambda: len(self.temporaries()) == 2)

    def temporaries(self):
        return [name for name in os.listdir(self.folder) if name.endswith('.tmp')]

    def worker(self):
        (pid,) = children(self.process.pid)
        return pid

    def close_input(self):
        self.process.stdin.close()
        self.process.stdin = None

    def end(self):
        """Exit status, or minus the signal; what was said."""
        _, said = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, said.decode()


@contextlib.contextmanager
def a_run(*options, **more):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        with open(os.path.join(folder, 'pipeline.yaml'), 'w', encoding='utf-8') as file:
            file.write(f'source: {{path: "-"}}\nplugins: [{PLUGINS}/transaction.so]\nrejects: {{path: rejects}}\n'
                       'sinks: [{state: position, path: out.csv}]\n')
        run = Run(folder, *options, **more)
        try:
            yield run
        finally:
            run.process.kill()
            run.process.communicate()


def signal_to_the_parent(number):
    with a_run() as run:
        run.process.send_signal(number)
        run.process.wait(PATIENCE_S)  # before its input ends
        status, _ = run.end()
        assert status == -number, status
        assert not run.temporaries(), run.temporaries()


def signal_to_the_group(number):
    with a_run() as run:
        os.killpg(run.process.pid, number)
        run.process.wait(PATIENCE_S)
        status, _ = run.end()
        assert status == -number, status
        assert not run.temporaries(), run.temporaries()


def killed_worker_is_reported():
    with a_run() as run:
        os.kill(run.worker(), signal.SIGKILL)
        status, said = run.end()
        assert status == -signal.SIGKILL, status
        assert said == ('etl-host: error: the working process was killed (SIGKILL); no code of a plugin was at work\n'
                        'etl-host: nothing was published\n'), said
        assert not run.temporaries(), run.temporaries()


def worker_dies_with_its_parent():
    with a_run() as run:
        worker = run.worker()
        run.process.kill()
        run.process.wait()
        wait_until('the worker is gone', lambda: state(worker) in (None, 'Z'))


def stop_and_go_on():
    with a_run() as run:
        worker = run.worker()
        run.process.send_signal(signal.SIGTSTP)
        wait_until('both are stopped', lambda: state(worker) == state(run.process.pid) == 'T')
        run.process.send_signal(signal.SIGCONT)
        wait_until('both go on', lambda: 'T' not in (state(worker), state(run.process.pid)))
        run.close_input()
        status, _ = run.end()
        assert status == 0, status
        assert sorted(os.listdir(run.folder)) == ['out.csv', 'pipeline.yaml', 'rejects'], os.listdir(run.folder)


def ignored_signals_stay_ignored():
    with a_run(ignores=[signal.SIGHUP]) as run:
        os.killpg(run.process.pid, signal.SIGHUP)
        run.close_input()
        status, _ = run.end()
        assert status == 0, status


def one_process_for_debuggers():
    with a_run('--no-supervisor') as run:
        assert not children(run.process.pid)
        run.process.send_signal(signal.SIGTERM)
        status, _ = run.end()
        assert status == -signal.SIGTERM, status
        assert not run.temporaries(), run.temporaries()


def one_process_where_there_can_be_no_other():
    def limit():
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)  # root has no such limit

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with open(os.path.join(folder, 'pipeline.yaml'), 'w', encoding='utf-8') as file:
            file.write('source: {path: no}\nplugins: [no.so]\nsinks: []\nhandler_timeout: 0\n')
        try:
            done = subprocess.run([HOST, 'check', 'pipeline.yaml'], cwd=folder, preexec_fn=limit, capture_output=True, text=True,
                                  timeout=PATIENCE_S)
        except (PermissionError, subprocess.SubprocessError):
            return  # the program may not be reached by others, or this may not become somebody else
        assert 'etl-host: warning: no process for the work (' in done.stderr, done.stderr
        assert done.returncode == 2 and 'etl-host: 2 errors\n' in done.stderr, done.stderr


def time_is_that_of_both():
    with a_run() as run:
        for _ in range(200):
            run.process.stdin.write(TRADE * 1000)
        run.close_input()
        _, status, usage = os.wait4(run.process.pid, 0)
        run.process.returncode = os.waitstatus_to_exitcode(status)
        assert usage.ru_utime + usage.ru_stime > 0.02, usage


HOST, PLUGINS = (os.path.abspath(path) for path in sys.argv[1:3])
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for number in ENDS:
    signal_to_the_parent(number)
    signal_to_the_group(number)
killed_worker_is_reported()
worker_dies_with_its_parent()
stop_and_go_on()
ignored_signals_stay_ignored()
one_process_for_debuggers()
one_process_where_there_can_be_no_other()
time_is_that_of_both()
