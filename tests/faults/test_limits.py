#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the system grants a process: threads, addresses, stack. Whatever is granted, the results are the same, or an error says
what is short.

Usage: test_limits.py ETL-HOST PLUGINS-FOLDER FEW-THREADS.so
"""
import os
import random
import resource
import subprocess
import sys
import tempfile

KIB, MIB = 1 << 10, 1 << 20


def write(name, text):
    with open(name, 'w') as file:
        file.write(text)


def trades(count, accounts):
    chooser = random.Random(7)
    return ''.join('{"event_type":"%s","account_id":%d,"ticker":"T%d","amount":%d,"price":2,"timestamp":%d}\n'
                   % (chooser.choice(('buy', 'sell')), chooser.randrange(accounts), chooser.randrange(40), 1 + i % 9, i)
                   for i in range(count))


def pipeline(plugins, threads, more=''):
    write('pipeline.yaml', 'source: {path: log.jsonl}\nplugins: [%s/transaction.so%s]\nthreads: %s\n'
          'sinks: [{state: position, path: out.csv}]\n%s' % (plugins, more and ', %s/exercise.so' % plugins, threads, more))


def run(host, limit=None, most=0, **environment):
    """Its exit status, standard error and result."""
    if os.path.exists('out.csv'):
        os.unlink('out.csv')
    done = subprocess.run([host, '-q', 'pipeline.yaml'], capture_output=True, text=True, env=dict(os.environ, **environment),
                          preexec_fn=limit and (lambda: resource.setrlimit(limit, (most, most))))
    result = open('out.csv').read() if os.path.exists('out.csv') else None
    return done.returncode, done.stderr, result


def check(what, got, expected):
    if got != expected:
        sys.exit('%s:\n%s\ninstead of\n%s' % (what, str(got)[:2000], str(expected)[:2000]))


def test_threads(host, plugins, few):
    """`auto` does with those that there are, also where threads own partitions; a number is meant."""
    write('log.jsonl', trades(3000, 50))
    blocks = {'ETL_HOST_BLOCK_BYTES': '3000'}
    for more in ('', 'handler_timeout: 0\nstate: {partition_by: account_id}\n'):
        pipeline(plugins, 1, more)
        status, _, right = run(host, **blocks)
        check('one thread', (status, bool(right)), (0, True))
        pipeline(plugins, 'auto', more or 'handler_timeout: 0\n')
        for threads in (0, 1, 2, 5, 7):
            check('%d threads' % threads, run(host, LD_PRELOAD=few, THREADS=str(threads), **blocks), (0, '', right))
    pipeline(plugins, 4, 'handler_timeout: 0\n')
    status, said, result = run(host, LD_PRELOAD=few, THREADS='1', **blocks)
    check('threads: 4', (status, result), (1, None))
    check('threads: 4', "cannot start thread 3 of 4: Resource temporarily unavailable: a limit on threads" in said or said, True)


def test_watcher(host, plugins, few):
    write('log.jsonl', trades(10, 2))
    pipeline(plugins, 1)
    status, said, result = run(host, LD_PRELOAD=few, THREADS='0')
    check('no watcher', (status, result), (1, None))
    check('no watcher', 'cannot start the thread that watches' in said and "'handler_timeout: 0' does" in said or said, True)


def test_stack(host, plugins, few):
    pipeline(plugins, 1)
    status, said, result = run(host, resource.RLIMIT_STACK, 128 * KIB)
    check('small stack', (status, result), (1, None))
    check('small stack', said.startswith('etl-host: error: the limit on the stack (ulimit -s) is 128 KiB') or said, True)


def test_addresses(host, plugins, few):
    """What works with a limit works with any above, at one thread, whose needs are the same in every run."""
    write('log.jsonl', trades(60000, 20000))
    pipeline(plugins, 1)
    right, worked = run(host), None
    check('no limit', right[:2], (0, ''))
    for most in range(24, 200, 4):
        got = run(host, resource.RLIMIT_AS, most * MIB)
        if got == right:
            worked = worked or most
        elif worked:
            sys.exit('%d MiB work, %d MiB do not: %s' % (worked, most, got[1]))
    if not worked or worked > 120:
        sys.exit('%s MiB are needed' % worked)


def main():
    arguments = [os.path.abspath(path) for path in sys.argv[1:]]
    for test in (test_threads, test_watcher, test_stack, test_addresses):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            test(*arguments)
            os.chdir('/')


main()
