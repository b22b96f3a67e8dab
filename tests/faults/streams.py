#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Standard streams in any state: what is said and read is the same, whether or not they block; where one is closed, the
exit status says so.

Usage: streams.py ETL-HOST PLUGIN-FOLDER
"""
import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time

TRADE = '{"event_type":"buy","account_id":%d,"ticker":"A","amount":1,"price":1,"timestamp":1}\n'
LOG = ''.join(TRADE % number for number in range(300)) + 'nonsense\n' * 60
PAUSE_S, TIMEOUT_S = 0.05, 60
MANY_MISTAKES = 'source: {path: log.jsonl}\nplugins: []\nsinks: []\n' + ''.join(f'unknown{i}: 1\n' for i in range(300))


def pipeline(sinks='', rejects='{}', source='log.jsonl'):
    return (f'source: {{path: "{source}"}}\nplugins: [{PLUGINS}/transaction.so]\nsinks: [{sinks}]\nrejects: {rejects}\n'
            'threads: 1\n')


def small_pipe(blocking):
    ends = os.pipe()
    fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 4096)
    for end in ends:
        os.set_blocking(end, blocking)
    return ends


def collect(descriptor, into):
    """Reads to the end, after the writer has found the pipe full."""
    time.sleep(PAUSE_S)
    os.set_blocking(descriptor, True)
    with open(descriptor, 'rb') as file:
        into.append(file.read())


def feed(descriptor, data):
    os.set_blocking(descriptor, True)
    with open(descriptor, 'wb', buffering=0) as file:
        for at in range(0, len(data), 1500):
            file.write(data[at:at + 1500])
            time.sleep(0.001)


def run(folder, arguments, blocking):
    """Exit status, standard output, standard error; standard input gives the log."""
    pipes = [small_pipe(blocking) for _ in range(3)]
    (stdin, feeding), (reading_out, stdout), (reading_err, stderr) = pipes
    process = subprocess.Popen([HOST, *arguments], cwd=folder, stdin=stdin, stdout=stdout, stderr=stderr)
    for descriptor in stdin, stdout, stderr:
        os.close(descriptor)
    out, err = [], []
    threads = [threading.Thread(target=collect, args=(reading_out, out)), threading.Thread(target=collect, args=(reading_err, err))]
    if '-q' in arguments:
        threads.append(threading.Thread(target=feed, args=(feeding, LOG.encode())))
    else:
        os.close(feeding)
    for thread in threads:
        thread.start()
    status = process.wait(TIMEOUT_S)
    for thread in threads:
        thread.join(TIMEOUT_S)
    return status, out[0].decode(), err[0].decode()


def write(folder, name, text):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
        file.write(text)


def nothing_is_lost_where_streams_do_not_block(folder):
    write(folder, 'log.jsonl', LOG)
    write(folder, 'mistakes.yaml', MANY_MISTAKES)
    write(folder, 'results.yaml', pipeline('{state: position, path: "-"}', source='-'))
    write(folder, 'effects.yaml', pipeline('{effects: position, path: "-"}', source='-'))
    write(folder, 'many.yaml', pipeline(', '.join('{state: position, path: out%d.csv}' % i for i in range(300))))
    for arguments in (['check', 'mistakes.yaml'], ['-q', 'results.yaml'], ['-q', 'effects.yaml'], ['check', 'many.yaml']):
        blocking, not_blocking = (run(folder, arguments, blocking) for blocking in (True, False))
        assert sum(map(len, blocking[1:])) > 5000, f'{arguments}: too short to fill a pipe'
        assert not_blocking == blocking, f'{arguments}: {len(not_blocking[1])} and {len(not_blocking[2])} bytes were said'


def a_summary_is_whole_where_streams_do_not_block(folder):
    write(folder, 'log.jsonl', LOG.replace('nonsense', 'nonsense' * 50))
    write(folder, 'pipeline.yaml', pipeline('{state: position, path: out.csv}'))
    status, _, err = run(folder, ['pipeline.yaml'], False)
    assert status == 3, status
    assert err.count('{"source":"log.jsonl"') == 60 and 'table ' in err and err.endswith(' 1 thread\n'), err


def run_closed(folder, redirections, *arguments):
    done = subprocess.run(['sh', '-c', f'"$0" "$@" {redirections}', HOST, *arguments], cwd=folder, capture_output=True,
                          stdin=subprocess.DEVNULL, text=True, timeout=TIMEOUT_S)
    return done.returncode, done.stdout, done.stderr


def a_closed_standard_input_cannot_be_read(folder):
    write(folder, 'pipeline.yaml', pipeline('{state: position, path: out.csv}', source='-'))
    for redirection, said in (('<&-', 'Bad file descriptor'), ('< /', 'Is a directory')):
        status, _, err = run_closed(folder, redirection, '-q', 'pipeline.yaml')
        assert status == 1 and said in err, (redirection, status, err)
        assert not os.path.exists(f'{folder}/out.csv')
    assert run_closed(folder, '< /dev/null', '-q', 'pipeline.yaml') == (0, '', '')


def a_standard_output_that_is_closed_or_full_is_said(folder):
    write(folder, 'log.jsonl', TRADE % 1)
    write(folder, 'pipeline.yaml', pipeline('{state: position, path: "-"}, {state: position, path: out.csv}'))
    for redirection, expected in (('>&-', 2), ('> /dev/full', 1), ('1< /dev/null', 2)):
        status, _, err = run_closed(folder, redirection, '-q', 'pipeline.yaml')
        assert status == expected and "cannot write 'standard output'" in err, (redirection, status, err)
        assert sorted(os.listdir(folder)) == ['log.jsonl', 'pipeline.yaml'], os.listdir(folder)


def a_standard_error_that_is_closed_or_full_is_in_the_exit_status(folder):
    write(folder, 'log.jsonl', 'nonsense\n' + TRADE % 1)
    write(folder, 'pipeline.yaml', pipeline('{state: position, path: out.csv}'))
    write(folder, 'elsewhere.yaml', pipeline('{state: position, path: out2.csv}', rejects='{path: rejects}'))
    for redirection in '2>&-', '2> /dev/full', '2< /dev/null':
        assert run_closed(folder, redirection, '-q', 'pipeline.yaml') == (4, '', ''), redirection
        assert not os.path.exists(f'{folder}/out.csv')
        assert run_closed(folder, redirection, 'elsewhere.yaml')[0] == 3, redirection
        assert run_closed(folder, redirection, 'no.yaml')[0] == 2, redirection


HOST, PLUGINS = (os.path.abspath(path) for path in sys.argv[1:3])
for test in (nothing_is_lost_where_streams_do_not_block, a_summary_is_whole_where_streams_do_not_block,
             a_closed_standard_input_cannot_be_read, a_standard_output_that_is_closed_or_full_is_said,
             a_standard_error_that_is_closed_or_full_is_in_the_exit_status):
    with tempfile.TemporaryDirectory(prefix='streams-') as home:
        test(home)
