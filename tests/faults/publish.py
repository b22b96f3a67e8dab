#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A run with five outputs, in two folders, is killed, stopped or refused at each call by which it writes and publishes them:
after it all are new, or all are as they were, and what is said is so. Where it is killed with its supervisor, that is so after
the next run has begun.

Usage: publish.py ETL-HOST PLUGIN-FOLDER LIBRARY-OF-FAULTS
"""
import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys
import tempfile

TIMEOUT_S = 60
OUTPUTS = ('a.csv', 'b.csv', 'other/c.csv', 'other/new.csv', 'e.jsonl')
TRADE = '{"event_type":"buy","account_id":1,"ticker":"A","amount":1,"price":1,"timestamp":1}\n'
PIPELINE = """source: {path: %s}
plugins: [%s/transaction.so]
sinks:
  - {state: position, path: a.csv}
  - {state: position, path: b.csv}
  - {state: position, path: other/c.csv}
  - {effects: position, path: other/new.csv}
  - {effects: position, path: e.jsonl}
rejects: {malformed: stop}
threads: 1
"""
CALLS = ('open', 'write', 'flock', 'fsync', 'link', 'rename', 'unlink')
HOWS = ('kill before', 'kill after', 'term before', 'term after', 'fail', 'kill both before', 'kill both after')


def new_folder():
    """In memory, where that can be: it takes hundreds of them."""
    return tempfile.TemporaryDirectory(prefix='publish-', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def read(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except FileNotFoundError:
        return None


def prepare(folder):
    os.mkdir(f'{folder}/other')
    write(f'{folder}/log.jsonl', TRADE)
    write(f'{folder}/bad.jsonl', 'nonsense\n')
    write(f'{folder}/pipeline.yaml', PIPELINE % ('log.jsonl', PLUGINS))
    write(f'{folder}/stops.yaml', PIPELINE % ('bad.jsonl', PLUGINS))
    for name in OUTPUTS:
        if 'new' not in name:
            write(f'{folder}/{name}', 'old\n')


def run(folder, pipeline, **environment):
    done = subprocess.run([HOST, '-q', pipeline], cwd=folder, env=dict(os.environ, **environment), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=TIMEOUT_S)
    return done.returncode, done.stderr


def run_with_fault(folder, call, how, at):
    """Exit status and what was said; or None where it did not come to that call."""
    result = run(folder, 'pipeline.yaml', LD_PRELOAD=FAULTS, FAULT_CALL=call, FAULT_HOW=how, FAULT_AT=str(at),
                 FAULT_MARK=f'{folder}/mark')
    return result if os.path.exists(f'{folder}/mark') else None


def hidden(folder):
    return [f'{base}/{name}' for base, _, names in os.walk(folder) for name in names if name.startswith('.')]


def state(folder):
    """all new, all old, or which are what."""
    kinds = {name: 'old' if read(f'{folder}/{name}') in ('old\n', None) else 'new' for name in OUTPUTS}
    return set(kinds.values()).pop() if len(set(kinds.values())) == 1 else kinds


def check_alone(folder, how, status, said, cannot_remove):
    """Where the run could clean up, but for so many files."""
    now = state(folder)
    if now not in ('old', 'new'):
        yield f'a mixture: {now}'
    if len(hidden(folder)) > cannot_remove:
        yield f'left: {hidden(folder)}'
    if status == 0 and now != 'new' or status == 1 and now != 'old' and 'may be lost' not in said:
        yield f'ended with {status}'
    if 'term' in how and (status != -signal.SIGTERM or 'SIGTERM' not in said):
        yield f'ended with {status}, and does not say that it was stopped'
    if status < 0 and ('nothing was published' if now == 'old' else 'all outputs were published') not in said:
        yield f'does not say what was published: {now}'


def check_next(folder):
    """Where both processes were killed: after a run that stops."""
    before = state(folder)
    status, said = run(folder, 'stops.yaml')
    now = state(folder)
    if status != 1 or now not in ('old', 'new'):
        yield f'a mixture after the next run, which ended with {status}: {now}'
    if hidden(folder):
        yield f'the next run left: {hidden(folder)}'
    if (before != now) != ('an earlier run was killed while it published' in said):
        yield f'the next run said: {said}'


def check(call, how, at):
    """What is wrong; None: there is no such call."""
    with new_folder() as folder:
        prepare(folder)
        result = run_with_fault(folder, call, how, at)
        if result is None:
            return None
        wrong = list(check_next(folder) if 'both' in how else check_alone(folder, how, *result, (call, how) == ('unlink', 'fail')))
        return [*wrong, f'it said: {result}'] if wrong else []


def check_all_calls(call, how):
    at, wrong = 0, {}
    while (found := check(call, how, at := at + 1)) is not None:
        if found:
            wrong[call, how, at] = found
    assert at > 1, f'{call} is never called'
    return at - 1, wrong


def what_cannot_be_put_back_is_named():
    """All renames fail from the third on."""
    with new_folder() as folder:
        prepare(folder)
        status, said = run_with_fault(folder, 'rename', 'fail on', 3)
        now = state(folder)
        assert status == 1 and now != 'old' and now != 'new', (status, now, said)
        for name in OUTPUTS:
            (line,) = [line for line in said.splitlines() if f"'{os.path.realpath(folder)}/{name}' is " in line]
            assert ('is new' in line) == (now[name] == 'new'), line
            kept = line.split("'")[-2]
            assert read(kept) == ('old\n' if now[name] == 'new' else read(kept)) and read(kept), line
        assert 'not all of the outputs could be put back' in said, said


def without_hard_links():
    """As some file systems are."""
    with new_folder() as folder:
        prepare(folder)
        assert run_with_fault(folder, 'link', 'refuse on', 1) == (0, '')
        assert state(folder) == 'new' and not hidden(folder), hidden(folder)


def runs_that_live_are_left_alone():
    with new_folder() as folder:
        prepare(folder)
        write(f'{folder}/waits.yaml', PIPELINE % ('"-"', PLUGINS))
        with subprocess.Popen([HOST, '-q', 'waits.yaml'], cwd=folder, stdin=subprocess.PIPE) as waiting:
            while len(hidden(folder)) < len(OUTPUTS):
                assert waiting.poll() is None
            others = f'{folder}/.a.csv.abcdefgh-0000.etl-host.tmp', f'{folder}/.a.csv.abcdef.tmp', f'{folder}/.a.csv.swp'
            for name in others:
                write(name, 'x')
            status, _ = run(folder, 'stops.yaml')
            assert status == 1 and len(hidden(folder)) == len(OUTPUTS) + 2, hidden(folder)
            waiting.communicate(TRADE.encode(), TIMEOUT_S)
            assert waiting.returncode == 0 and state(folder) == 'new'
        assert sorted(hidden(folder)) == sorted(others[1:]), hidden(folder)


HOST, PLUGINS, FAULTS = (os.path.abspath(path) for path in sys.argv[1:4])
what_cannot_be_put_back_is_named()
runs_that_live_are_left_alone()
without_hard_links()
count, failed = 0, {}
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for number, wrong in pool.map(lambda pair: check_all_calls(*pair), [(call, how) for call in CALLS for how in HOWS]):
        count += number
        failed.update(wrong)
for where, wrong in failed.items():
    print(f'not ok: {where}', *wrong, sep='\n    ')
print(f'{count - len(failed)} of {count} ends as they should be')
sys.exit(1 if failed else 0)
