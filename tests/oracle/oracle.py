#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays random hostile logs through etl-host and through a deliberately naive second implementation; every byte must agree, at any
number of threads and wherever blocks end.

    oracle.py --host build/host/etl-host --plugins build/tests/oracle/plugins --seeds 1 100

A seed that fails is printed with the first line that differs; the same seed gives the same log."""

import argparse
import gzip
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib

sys.dont_write_bytecode = True  # a test writes nothing beside its sources

import fuzzlog
import machine
import strict_json
import twins

COUNTS = re.compile(r'(\d[\d,]*) (handled|unhandled|skipped|rejected|blank)')
VARYING = re.compile(r'[\d.,]+ ([KMG]iB|B|s|loglines/s|[kMGT]?B/s)\b')  # of a summary, from run to run
TIMEOUT_S = 120
THREADS = [1, 2, 3, 8]
BLOCK_BYTES = [1, 7, 64, 300, 4096, None]
BLOCK_BYTES_FOR_LARGE = [64, 300, 4096, None]
CHUNK_BYTES = [None, 1, 300, 5000]  # after so many bytes of what its lines bring, a chunk is cut
KEPT_BYTES = [None, None, 1, 300, 5000]  # of rows, until effects go to the thread whose they are


class Differs(Exception):
    pass


class File:
    """`data` is what can be read of it, `stored` what is on disk; if it is torn, that ends the run."""

    def __init__(self, name, data):
        self.name, self.data, self.stored, self.torn = name, data, data, False

    def compress(self, chooser):
        kind, cut = chooser.choice(['gzip', 'gzip', 'zstd', 'torn']), chooser.random()
        half = chooser.randrange(len(self.data) + 1)
        if kind == 'gzip':
            self.stored = gzip.compress(self.data[:half], 1, mtime=0) + gzip.compress(self.data[half:], mtime=0)
        elif kind == 'zstd' and shutil.which('zstd'):
            self.stored = b''.join(subprocess.run(['zstd', '-q', '-c'], input=each, capture_output=True, check=True).stdout
                                   for each in (self.data[:half], self.data[half:]))
        elif kind == 'torn':
            whole = gzip.compress(self.data, mtime=0)
            self.stored = whole[:10 + int(cut * (len(whole) - 10))]
            self.data = zlib.decompressobj(31).decompress(self.stored)
            self.data = self.data[:self.data.rfind(b'\n') + 1]
            self.torn = True


# ---- what a seed makes: settings, and one or two runs of some files each, the second from the state of the first

def make_settings(chooser):
    settings = {'max_line': chooser.choice([1 << 20, 1 << 20, 600, 300, 4096, 70000])}
    settings['event_type'] = chooser.choice(['event_type', 'event_type', 'event_type', 'kind', 'meta.type', 'a\\.b'])
    settings['pipeline'] = chooser.choice(twins.PIPELINES)
    for name in ('malformed', 'invalid', 'unhandled'):
        settings[name] = chooser.choices(['reject', 'skip', 'stop'], [70, 28, 2])[0]
    settings['limit'] = chooser.choice([0, 0, 0, 0, 0, 0, 0, 1, 5, 40, chooser.randrange(1, 100)])
    return settings


def make_file(chooser, log, name, lines):
    data = log.file(chooser.randrange(lines))
    if chooser.random() < 0.04:
        at = data.find(b'\n', chooser.randrange(len(data) + 1)) + 1
        data = data[:at] + log.object(log.typed('stop', [('k', b'"a"')])) + b'\n' + data[at:]
    file = File(name, data)
    if chooser.random() < 0.2 and data:
        file.compress(chooser)
    return file


def make_runs(chooser, settings, lines):
    log = fuzzlog.Log(chooser, settings['max_line'], [key.decode() for key in twins.split_path(settings['event_type'])])
    runs = []
    for number in range(chooser.choice([1, 1, 2])):
        files = chooser.choice([1, 1, 2, 3])
        runs.append([make_file(chooser, log, 'log-%d-%d.jsonl' % (number, index), 2 * lines // files) for index in range(files)])
        if files == 1 and chooser.random() < 0.1:
            runs[-1][0].name = '-'
    return runs


def pipeline_yaml(settings, plugins, files, initial, threads):
    used, reads, partition_by = settings['pipeline']
    out = ['source:', '  path: [%s]' % ', '.join('"%s"' % file.name for file in files),
           '  event_type: \'%s\'' % settings['event_type'], '  max_line: %d' % settings['max_line'], 'plugins:']
    for name in used:
        config = ', config: {calc: false}' if name == 'ask' and 'calc' not in reads else ''
        config = ', config: {reads: true}' if name == 'spoil' and 'spoiled' in reads else config
        out.append('  - {path: "%s/%s.so"%s}' % (plugins, name, config))
    out += ['state:'] if initial or partition_by else []
    out += ['  initial: %s' % initial] if initial else []
    out += ['  partition_by: %s' % partition_by] if partition_by else []
    out += ['sinks:', '  - {effects: "*", format: jsonl, path: effects.jsonl}']
    for name in machine.Machine(settings).tables:
        out += ['  - {state: %s, format: csv, path: %s.csv}' % (name, name), '  - {state: %s, format: jsonl, path: "-"}' % name]
    out += ['rejects:', '  path: rejects.jsonl']
    out += ['  %s: %s' % (name, settings[name]) for name in ('malformed', 'invalid', 'unhandled', 'limit')]
    return '\n'.join(out + ['threads: %d' % threads, ''])


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


def summary_line(errors):
    return ''.join(line for line in errors.splitlines() if line.startswith('loglines '))


def compare(oracle, status, given):
    """What the oracle says of a run, and what the host gave: file names to bytes."""
    errors = given['standard error'].decode('utf-8', 'replace')
    if given['rejects.jsonl'] is None:
        raise Differs('rejects.jsonl: the host did not write it\n%s' % errors)
    compare_lines('rejects.jsonl', oracle.rejects, [reject_of(line) for line in given['rejects.jsonl'].splitlines()])
    if given['status'] != status:
        raise Differs('exit status %d, not %d\n%s' % (given['status'], status, errors))
    published = status != 1
    effects = b''.join(oracle.effects) if published else None
    compare_lines('effects.jsonl', lines_of(effects), lines_of(given['effects.jsonl']))
    for name, table in oracle.tables.items():
        compare_lines(name + '.csv', lines_of(table.csv()) if published else None, lines_of(given[name + '.csv']))
    state = b''.join(table.jsonl() for table in oracle.tables.values()) if published else b''
    compare_lines('standard output', lines_of(state), lines_of(given['standard output']))
    counts = dict.fromkeys(oracle.counts, 0)
    counts.update({name: int(number.replace(',', '')) for number, name in COUNTS.findall(summary_line(errors))})
    if counts != oracle.counts:
        raise Differs('the summary says %s, not %s\n%s' % (counts, oracle.counts, errors))


def steady(summary):
    """A summary without what differs from run to run: figures of time and memory, the widths that follow them, what is said of threads."""
    lines = (' '.join(VARYING.sub('#', line).split()) for line in summary.splitlines() if 'thread' not in line)
    return '\n'.join(line for line in lines if line)


def compare_runs(one, other):
    """Nothing tells how many threads there were."""
    for name in ['status'] + list(one):
        if one[name] == other[name]:
            continue
        if name == 'status':
            raise Differs('exit status %d, not %d as of one thread\n%s'
                          % (other[name], one[name], other['standard error'].decode()))
        compare_lines('%s against that of one thread' % name, lines_of(one[name]), lines_of(other[name]))


# ---- playing

def run_host(host, folder, names, limits, stdin):
    """All that a run gave: file names to bytes, and its exit status."""
    environment = dict(os.environ, **{'ETL_HOST_%s_BYTES' % name: str(limit or '') for name, limit in limits.items()})
    for name in names:
        if os.path.exists('%s/%s' % (folder, name)):
            os.remove('%s/%s' % (folder, name))
    try:
        result = subprocess.run([host, 'pipeline.yaml'], cwd=folder, env=environment, capture_output=True, input=stdin,
                                timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Differs('the host does not end')
    given = {name: read('%s/%s' % (folder, name)) for name in names}
    given['standard output'] = result.stdout
    given['standard error'] = steady(result.stderr.decode('utf-8', 'replace')).encode()
    given['status'] = result.returncode
    return given


def play_run(host, plugins, folder, chooser, settings, oracle, files, initial):
    """The same at any number of threads, blocks ending anywhere. Returns the exit status."""
    names = ['effects.jsonl', 'rejects.jsonl'] + [table + '.csv' for table in oracle.tables]
    stdin = files[0].stored if files[0].name == '-' else b''
    sizes = BLOCK_BYTES if sum(len(file.data) for file in files) < 200000 else BLOCK_BYTES_FOR_LARGE
    for file in files:
        write('%s/%s' % (folder, file.name), file.stored)
    oracle.start()
    status, first = oracle.run(files), None
    for threads in THREADS:
        limits = {'BLOCK': chooser.choice(sizes), 'CHUNK': chooser.choice(CHUNK_BYTES), 'KEPT': chooser.choice(KEPT_BYTES)}
        write(folder + '/pipeline.yaml', pipeline_yaml(settings, plugins, files, initial, threads).encode('utf-8'))
        try:
            given = run_host(host, folder, names, limits, stdin)
            if first is None:
                compare(oracle, status, given)
            else:
                compare_runs(first, given)
        except Differs as differs:
            raise Differs('%d threads, bytes of blocks, chunks and rows kept %s: %s' % (threads, limits, differs))
        first = first or given
    return status


def play(host, plugins, folder, seed, lines):
    """Returns how many loglines were played; raises Differs."""
    chooser = random.Random(seed)
    settings = make_settings(chooser)
    oracle = machine.Machine(settings)
    played, initial = 0, None
    for number, files in enumerate(make_runs(chooser, settings, lines)):
        try:
            status = play_run(host, plugins, folder, chooser, settings, oracle, files, initial)
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
