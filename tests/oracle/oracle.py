#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays random hostile logs through etl-host and through a deliberately naive second implementation; every byte must agree.

    oracle.py --host build/host/etl-host --plugins build/tests/oracle/plugins --seeds 1 100

A seed that fails is printed with the first line that differs; the same seed gives the same log."""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # a test writes nothing beside its sources

import fuzzlog
import machine
import strict_json
import twins

COUNTS = re.compile(r'(\d[\d,]*) (handled|unhandled|skipped|rejected|blank)')
TIMEOUT_S = 300


class Differs(Exception):
    pass


# ---- what a seed makes: settings, and one or two runs of some files each, the second from the state of the first

def make_settings(chooser):
    settings = {'max_line': chooser.choice([1 << 20, 1 << 20, 600, 300, 4096, 70000])}
    settings['event_type'] = chooser.choice(['event_type', 'event_type', 'event_type', 'kind', 'meta.type', 'a\\.b'])
    settings['threads'] = chooser.choice(['auto', '1', '2'])
    for name in ('malformed', 'invalid', 'unhandled'):
        settings[name] = chooser.choices(['reject', 'skip', 'stop'], [70, 28, 2])[0]
    settings['limit'] = chooser.choice([0, 0, 0, 0, 0, 0, 1, 5, 40])
    return settings


def make_runs(chooser, settings, lines):
    log = fuzzlog.Log(chooser, settings['max_line'], [key.decode() for key in twins.split_path(settings['event_type'])])
    runs = []
    for number in range(chooser.choice([1, 1, 2])):
        files = chooser.choice([1, 1, 2, 3])
        data = [log.file(chooser.randrange(2 * lines // files)) for _ in range(files)]
        if chooser.random() < 0.05:
            data[-1] += b'\n' + log.object(log.typed('stop', [('k', b'"a"')])) + b'\n{}\n'
        runs.append([('log-%d-%d.jsonl' % (number, index), each) for index, each in enumerate(data)])
    return runs


def pipeline_yaml(settings, plugins, files, initial):
    out = ['source:', '  path: [%s]' % ', '.join(name for name, _ in files), '  event_type: \'%s\'' % settings['event_type'],
           '  max_line: %d' % settings['max_line'], 'plugins:']
    out += ['  - %s/%s.so' % (plugins, name) for name in twins.PLUGINS]
    out += ['state:', '  initial: %s' % initial] if initial else []
    out += ['sinks:', '  - {effects: "*", format: jsonl, path: effects.jsonl}']
    for name in twins.EFFECTS:
        out += ['  - {state: %s, format: csv, path: %s.csv}' % (name, name), '  - {state: %s, format: jsonl, path: "-"}' % name]
    out += ['rejects:', '  path: rejects.jsonl']
    out += ['  %s: %s' % (name, settings[name]) for name in ('malformed', 'invalid', 'unhandled', 'limit')]
    return '\n'.join(out + ['threads: %s' % settings['threads'], ''])


# ---- comparing

def read(path):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def compare_lines(what, ours, theirs):
    if ours == theirs:
        return
    if ours is None or theirs is None:
        raise Differs('%s: the host %s' % (what, 'did not write it' if theirs is None else 'wrote it, which it should not'))
    for number, (our, their) in enumerate(zip(ours + [None], theirs + [None]), 1):
        if our != their:
            raise Differs('%s, line %d\n  oracle: %.3000r\n  host:   %.3000r' % (what, number, our, their))


def lines_of(data):
    return None if data is None else data.split(b'\n')


def reject_of(line):
    """A reject of the host as the oracle has it: without its reason, which must be there."""
    kind, members, _ = strict_json.parse(line)
    pairs = [(key.decode('utf-8'), content if key in (b'text', b'base64') else int(content) if value_kind == 'number'
              else content.decode('utf-8')) for key, (value_kind, content, _) in members]
    if kind != 'object' or not dict(pairs).get('reason'):
        raise Differs('a reject without a reason: %r' % line)
    return [pair for pair in pairs if pair[0] != 'reason']


def compare(folder, oracle, status, result):
    errors = result.stderr.decode('utf-8', 'replace')
    rejects = read(folder + '/rejects.jsonl')
    if rejects is None:
        raise Differs('rejects.jsonl: the host did not write it\n%s' % errors)
    compare_lines('rejects.jsonl', oracle.rejects, [reject_of(line) for line in rejects.splitlines()])
    if result.returncode != status:
        raise Differs('exit status %d, not %d\n%s' % (result.returncode, status, errors))
    published = status != 1
    effects = b''.join(oracle.effects) if published else None
    compare_lines('effects.jsonl', lines_of(effects), lines_of(read(folder + '/effects.jsonl')))
    for name, table in oracle.tables.items():
        compare_lines(name + '.csv', lines_of(table.csv()) if published else None, lines_of(read('%s/%s.csv' % (folder, name))))
    state = b''.join(table.jsonl() for table in oracle.tables.values()) if published else b''
    compare_lines('standard output', lines_of(state), lines_of(result.stdout))
    counts = dict.fromkeys(oracle.counts, 0)
    counts.update({name: int(number.replace(',', '')) for number, name in COUNTS.findall(errors)})
    if counts != oracle.counts:
        raise Differs('the summary says %s, not %s\n%s' % (counts, oracle.counts, errors))


# ---- playing

def run_host(host, folder):
    try:
        return subprocess.run([host, 'pipeline.yaml'], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Differs('the host does not end')


def play(host, plugins, folder, seed, lines):
    """Returns how many loglines were played; raises Differs."""
    chooser = random.Random(seed)
    settings = make_settings(chooser)
    oracle = machine.Machine(settings)
    played, initial = 0, None
    for number, files in enumerate(make_runs(chooser, settings, lines)):
        for name, data in files:
            write('%s/%s' % (folder, name), data)
        write(folder + '/pipeline.yaml', pipeline_yaml(settings, plugins, files, initial).encode('utf-8'))
        for name in ['effects.jsonl', 'rejects.jsonl'] + [table + '.csv' for table in oracle.tables]:
            if os.path.exists('%s/%s' % (folder, name)):
                os.remove('%s/%s' % (folder, name))
        oracle.start()
        status = oracle.run(files)
        try:
            compare(folder, oracle, status, run_host(host, folder))
        except Differs as differs:
            raise Differs('run %d, %s: %s' % (number, settings, differs))
        played += sum(oracle.counts.values())
        if status == 1:
            break
        initial = 'initial.jsonl'
        write(folder + '/initial.jsonl', b''.join(table.jsonl() for table in oracle.tables.values()))
    return played


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--host', required=True)
    parser.add_argument('--plugins', required=True)
    parser.add_argument('--seeds', nargs=2, type=int, metavar=('FROM', 'TO'), default=(1, 20), help='the last one counts too')
    parser.add_argument('--lines', type=int, default=300, help='how many loglines a run has, about')
    parser.add_argument('--seconds', type=float, default=0, help='stop after this time')
    parser.add_argument('--keep', metavar='FOLDER', help='play in this folder and leave everything there')
    options = parser.parse_args()
    host, plugins = os.path.abspath(options.host), os.path.abspath(options.plugins)
    begin, played, failed, seeds = time.monotonic(), 0, 0, 0
    for seed in range(options.seeds[0], options.seeds[1] + 1):
        if options.seconds and time.monotonic() - begin > options.seconds:
            break
        seeds += 1
        with tempfile.TemporaryDirectory(prefix='oracle-') as folder:
            if options.keep:
                os.makedirs(options.keep, exist_ok=True)
            try:
                played += play(host, plugins, options.keep or folder, seed, options.lines)
            except Differs as differs:
                failed += 1
                print('seed %d: %s' % (seed, differs), flush=True)
    print('%d seeds, %d loglines, %d seeds failed' % (seeds, played, failed))
    return 1 if failed or not played else 0


if __name__ == '__main__':
    sys.exit(main())
