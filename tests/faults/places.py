#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Outputs that could not be published, or would be read by the next run, are found before the first: by check, too.

Usage: places.py ETL-HOST PLUGIN-FOLDER
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

TIMEOUT_S = 60
TRADE = '{"event_type":"buy","account_id":1,"ticker":"A","amount":1,"price":1,"timestamp":1}\n'
USAGE = 2


def write(folder, name, text):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
        file.write(text)


def pipeline(source, *outputs):
    sinks = ', '.join('{state: position, path: "%s"}' % output for output in outputs)
    return f'source: {{path: "{source}"}}\nplugins: [{PLUGINS}/transaction.so]\nsinks: [{sinks}]\n'


def run(folder, *arguments, before=()):
    done = subprocess.run([*before, HOST, *arguments], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=TIMEOUT_S)
    return done.returncode, done.stderr


def expect_refusal(folder, says, before=()):
    for verb in 'check', 'run':
        status, said = run(folder, verb, 'pipeline.yaml', before=before)
        assert status == USAGE and says in said, (verb, status, said)


def what_the_next_run_would_read(folder):
    os.makedirs(f'{folder}/logs/inner')
    os.symlink('logs', f'{folder}/link')
    for name in 'logs/log.jsonl', 'logs/inner/log.jsonl':
        write(folder, name, TRADE)
    for source, output, read in (('logs', 'logs/out.csv', True), ('logs', 'link/out.csv', True), ('link', 'logs/out.csv', True),
                                 ('logs', 'logs/.out.csv', False), ('logs', 'logs/inner/out.csv', False),
                                 ('logs/*', 'logs/out.csv', True), ('logs/*.jsonl', 'logs/out.jsonl', True),
                                 ('logs/*.jsonl', 'logs/out.csv', False), ('logs/*/*', 'logs/inner/out.csv', True),
                                 ('lo*/log.*', 'link/log.csv', True), ('logs/*', 'logs/.out.csv', False),
                                 ('logs/log.jsonl', 'logs/out.csv', False), ('logs/*/log.jsonl', 'logs/inner/out.csv', False)):
        write(folder, 'pipeline.yaml', pipeline(source, output))
        status, said = run(folder, 'check', 'pipeline.yaml')
        expected = f"output '{output}' would be read by the next run, as '{source}' is read" if read else ''
        assert (status, expected in said) == (USAGE if read else 0, True), (source, output, status, said)


def a_mount_point(folder):
    write(folder, 'log.jsonl', TRADE)
    write(folder, 'out.csv', 'old')
    write(folder, 'pipeline.yaml', pipeline('log.jsonl', 'out.csv'))
    mounted = ('unshare', '--mount', '--user', '--map-root-user', 'sh', '-c', 'mount --bind out.csv out.csv && exec "$@"', 'sh')
    if not shutil.which('unshare') or subprocess.run([*mounted, 'true'], cwd=folder, capture_output=True, check=False).returncode:
        return  # that takes rights
    expect_refusal(folder, "cannot write 'out.csv': it is a mount point", mounted)


def an_append_only_folder(folder):
    write(folder, 'log.jsonl', TRADE)
    os.mkdir(f'{folder}/only')
    write(folder, 'pipeline.yaml', pipeline('log.jsonl', 'only/out.csv'))
    if not shutil.which('chattr') or subprocess.run(['chattr', '+a', 'only'], cwd=folder, capture_output=True,
                                                    check=False).returncode:
        return
    try:
        expect_refusal(folder, "cannot write 'only/out.csv': its folder lets no file be renamed")
    finally:
        subprocess.run(['chattr', '-a', 'only'], cwd=folder, check=True)


def more_outputs_than_can_be_open(folder):
    write(folder, 'log.jsonl', TRADE)
    write(folder, 'pipeline.yaml', pipeline('log.jsonl', *(f'out{number}' for number in range(300))))
    limited = ('sh', '-c', 'ulimit -n 200 && exec "$@"', 'sh')
    expect_refusal(folder, '300 outputs are more than can be open: the limit on open files (ulimit -n) is 200', limited)
    soft = ('sh', '-c', 'ulimit -S -n 200 && exec "$@"', 'sh')
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 400, 'too low a limit to test another'
    assert run(folder, '-q', 'pipeline.yaml', before=soft) == (0, '')
    assert len(os.listdir(folder)) == 302


HOST, PLUGINS = (os.path.abspath(path) for path in sys.argv[1:3])
for test in what_the_next_run_would_read, a_mount_point, an_append_only_folder, more_outputs_than_can_be_open:
    with tempfile.TemporaryDirectory(prefix='places-') as home:
        test(home)
