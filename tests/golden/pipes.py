#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pipes that nobody reads: where all that comes of a run goes to standard output or standard error, it ends quietly, by
SIGPIPE, as other programs do; where there are files that are then not published, that is an error.

    pipes.py --host build/host/etl-host --plugins build/plugins"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile

LINE = '{"event_type":"buy","ticker":"X%d","amount":1,"price":10,"account_id":1,"timestamp":1}\n'
CLOSED = -signal.SIGPIPE
TIMEOUT_S = 60


def run(options, folder, sinks, rejects='{}', arguments=('-q', 'pipeline.yaml'), closed='stdout', ignored=False):
    """Exit status, and what was said on the stream that is not closed."""
    with open(folder + '/pipeline.yaml', 'w') as file:
        file.write('source: {path: log.jsonl}\nplugins: [%s/transaction.so]\nsinks: [%s]\nrejects: %s\n'
                   % (options.plugins, sinks, rejects))
    reading, writing = os.pipe()
    os.close(reading)
    streams = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, closed: writing}
    process = subprocess.Popen([options.host, *arguments], cwd=folder, stdin=subprocess.DEVNULL, text=True,
                               restore_signals=not ignored, **streams)
    os.close(writing)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, err if closed == 'stdout' else out


def results_on_standard_output(options, folder):
    for sinks in '{state: position, path: "-"}', '{effects: position, path: "-"}':
        assert run(options, folder, sinks) == (CLOSED, '')


def rejects_on_a_stream(options, folder):
    with open(folder + '/log.jsonl', 'a') as file:
        file.write('nonsense\n')
    assert run(options, folder, '', '{path: "-"}') == (CLOSED, '')
    assert run(options, folder, '', closed='stderr') == (CLOSED, '')
    status, _ = run(options, folder, '{state: position, path: out.csv}', closed='stderr')
    assert status == 4 and not os.path.exists(folder + '/out.csv')


def what_check_says(options, folder):
    for verb in 'check', 'list':
        assert run(options, folder, '{state: position, path: out.csv}', arguments=(verb, 'pipeline.yaml')) == (CLOSED, '')


def files_are_worth_an_error(options, folder):
    for sinks, rejects in (('{state: position, path: out.csv}, {state: position, path: "-"}', '{}'),
                           ('{state: position, path: "-"}', '{path: rejects.jsonl}')):
        status, said = run(options, folder, sinks, rejects)
        assert (status, said) == (1, "etl-host: error: cannot write 'standard output': Broken pipe\n"), (status, said)
        assert not os.path.exists(folder + '/out.csv')


def a_parent_that_ignores_it_wants_an_error(options, folder):
    status, said = run(options, folder, '{state: position, path: "-"}', ignored=True)
    assert (status, said) == (1, "etl-host: error: cannot write 'standard output': Broken pipe\n"), (status, said)


TESTS = [results_on_standard_output, rejects_on_a_stream, what_check_says, files_are_worth_an_error,
         a_parent_that_ignores_it_wants_an_error]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('--host', '--plugins'):
        parser.add_argument(name, required=True, type=os.path.abspath)
    options = parser.parse_args()
    failed = 0
    for test in TESTS:
        with tempfile.TemporaryDirectory(prefix='pipes-') as folder:
            with open(folder + '/log.jsonl', 'w') as file:
                file.writelines(LINE % number for number in range(1000))
            try:
                test(options, folder)
            except AssertionError as error:
                print('pipes__%s: %s' % (test.__name__, error))
                failed += 1
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
