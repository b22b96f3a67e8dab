#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every way in which a plugin can end the process, everywhere in it, at one and three threads: the end is named, it is no
success, no file is left or changed; and what a plugin does after the run changes nothing.

Usage: test_ends.py ETL-HOST ZOO-FOLDER
"""
import itertools
import os
import resource
import signal
import subprocess
import sys
import tempfile

DONE, STOPPED = 0, 1
BEFORE = {'constructor': "ends.so', a constructor", 'init': "plugin 'zoo', etl_plugin_init"}
PLACES = {**BEFORE, 'handler': "plugin 'zoo', handler 'trade'", 'reducer': "plugin 'zoo', reducer 'position'"}
AFTER = ('destructor', 'atexit')

# How the process ends, and what is said of it: by the process itself, or by the supervisor.
WAYS = {
    'exit': (STOPPED, 'called exit()'),
    'quick_exit': (STOPPED, 'called exit()'),
    '_exit': (STOPPED, 'the working process ended by _exit(0), or another program took its place'),
    '_exit_7': (STOPPED, 'the working process ended by _exit(7), or another program took its place'),
    'exit_group': (STOPPED, 'the working process ended by _exit(0), or another program took its place'),
    'exec': (STOPPED, 'the working process ended by _exit(0), or another program took its place'),
    'kill': (-signal.SIGKILL, 'the working process was killed (SIGKILL)'),
    'term': (-signal.SIGTERM, 'ended the process with a signal'),
    'abort': (-signal.SIGABRT, 'crashed (SIGABRT)'),
    'segv': (-signal.SIGSEGV, 'crashed (SIGSEGV)'),
    'silent_segv': (-signal.SIGSEGV, 'the working process was ended by SIGSEGV'),
}
LOG = '{"event_type":"trade","account_id":1,"ticker":"A","amount":1}\n' \
      '{"event_type":"trade","account_id":2,"ticker":"B","amount":2}\n'
PIPELINE = """source: {{path: log.jsonl}}
plugins: [{zoo}/ends.so]
sinks:
  - {{state: position, path: state.csv}}
  - {{effects: position, path: effects.csv}}
rejects: {{path: rejects.jsonl}}
threads: {threads}
"""
OUTPUTS = ('state.csv', 'effects.csv', 'rejects.jsonl')


def run(host, folder, where, how, *arguments):
    environment = dict(os.environ, ZOO_WHERE=where, ZOO_HOW=how, ETL_HOST_BLOCK_BYTES='1')
    return subprocess.run([host, *arguments, 'pipeline.yaml'], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, encoding='utf-8', errors='replace', timeout=60)


def contents(folder):
    texts = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            texts[name] = file.read()
    return texts


def prepare(folder, zoo, threads):
    for name, text in (('pipeline.yaml', PIPELINE.format(zoo=zoo, threads=threads)), ('log.jsonl', LOG),
                       *((name, 'old\n') for name in OUTPUTS)):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(text)


def check_end(host, zoo, where, how, threads):
    """What is wrong, or nothing."""
    status, says = WAYS[how]
    if how == 'term' and threads > 1 and where not in BEFORE:
        says = ' with a signal'  # which any thread may get
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder, zoo, threads)
        before = contents(folder)
        done = run(host, folder, where, how)
        if done.returncode != status:
            yield f'ended with {done.returncode}, not {status}'
        if contents(folder) != before:
            yield f'left other files: {sorted(contents(folder))}'
        wanted = [says, PLACES[where], 'etl-host: nothing was published\n']
        wanted += ['log.jsonl:2 (byte 62)'] if where not in BEFORE else []
        yield from (f'does not say: {text}' for text in wanted if text not in done.stderr)
        yield from [done.stderr] if done.returncode != status else []


def check_verb(host, zoo, where, how, verb):
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder, zoo, 1)
        done = run(host, folder, where, how, verb)
        if done.returncode != WAYS[how][0]:
            yield f'ended with {done.returncode}'
        yield from (f'does not say: {text}' for text in (WAYS[how][1], PLACES[where]) if text not in done.stderr)


def check_after(host, zoo, where, how, threads):
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder, zoo, threads)
        done = run(host, folder, where, how, 'run', '--quiet')
        if done.returncode != DONE or done.stderr:
            yield f'ended with {done.returncode}: {done.stderr}'
        if any(text == 'old\n' for text in contents(folder).values()):
            yield 'outputs are old'


def check_thread(host, zoo, how):
    """By a thread of the plugin's own, while init waits for it."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder, zoo, 1)
        before = contents(folder)
        done = run(host, folder, 'thread', how)
        if done.returncode != WAYS[how][0] or WAYS[how][1] not in done.stderr:
            yield f'ended with {done.returncode}: {done.stderr}'
        if contents(folder) != before:
            yield 'left other files'


def main():
    host, zoo = (os.path.abspath(path) for path in sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tests = [(check_end, where, how, threads) for where, how, threads in itertools.product(PLACES, WAYS, (1, 3))]
    tests += [(check_verb, where, how, verb) for where, how, verb in itertools.product(BEFORE, WAYS, ('check', 'list'))]
    tests += [(check_after, where, how, threads) for where, how, threads in itertools.product(AFTER, WAYS, (1, 3))]
    tests += [(check_thread, how) for how in WAYS if how != 'term']
    failed = 0
    for check, *arguments in tests:
        wrong = list(check(host, zoo, *arguments))
        failed += bool(wrong)
        if wrong:
            print(f'not ok: {check.__name__} {arguments}', *wrong, sep='\n    ')
    print(f'{len(tests) - failed} of {len(tests)} ends as they should be')
    return 1 if failed else 0


sys.exit(main())
