#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What threads must not do, whatever the log: wait for each other for ever, hold up the end of a run, name another's logline, keep what
should have gone. Each run has a time limit.

    chunks.py --host build/host/etl-host --plugins build/tests/oracle/plugins [CASE...]"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

TIMEOUT_S = 60
PROMPT_S = 10  # for what should take some milliseconds
THREADS = [1, 2, 3, 8]

# How a pipeline needs its threads: any thread may do all; state is read by owners of partitions; reducers are awaited.
SHAPES = {
    'free': (['first', 'kinds'], '', None),
    'reduced': (['first', 'reduce'], '', None),
    'owned': (['first', 'reduce', 'ask'], '{calc: false}', 'k'),
}

cases = []


def case(function):
    cases.append(function)
    return function


def check(holds, *what):
    if not holds:
        raise AssertionError(' '.join(str(each) for each in what))


class Runner:
    def __init__(self, host, plugins):
        self.host, self.plugins, self.folder = host, plugins, None

    def write(self, shape, threads, source='log.jsonl', settings='', sinks=''):
        names, config, partition_by = SHAPES[shape] if isinstance(shape, str) else shape
        out = ['source: {path: "%s"}' % source, 'plugins:']
        out += ['  - {path: "%s/%s.so"%s}' % (self.plugins, name, ', config: ' + config if config and name == names[-1] else '')
                for name in names]
        out += ['state: {partition_by: %s}' % partition_by] if partition_by else []
        out += ['sinks: [%s]' % sinks, 'rejects: {path: rejects.jsonl%s}' % settings, 'threads: %d' % threads, '']
        with open(self.folder + '/pipeline.yaml', 'w') as file:
            file.write('\n'.join(out))

    def start(self, block_bytes='', **options):
        environment = dict(os.environ, ETL_HOST_BLOCK_BYTES=str(block_bytes))
        return subprocess.Popen([self.host, 'pipeline.yaml'], cwd=self.folder, env=environment, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def run(self, lines, block_bytes='', **options):
        with open(self.folder + '/log.jsonl', 'wb') as file:
            file.write(b''.join(line + b'\n' for line in lines))
        process = self.start(block_bytes, **options)
        try:
            out, errors = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError('it does not end: ' + process.communicate()[1].decode())
        return process.returncode, out, errors.decode()

    def measure(self, lines, block_bytes=''):
        """The same, with the most memory that was resident."""
        with open(self.folder + '/log.jsonl', 'wb') as file:
            file.write(b''.join(line + b'\n' for line in lines))
        # where the address sanitizer watches: what was freed is not to be kept
        environment = dict(os.environ, ETL_HOST_BLOCK_BYTES=str(block_bytes),
                           ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':quarantine_size_mb=1')
        with open(self.folder + '/out', 'w+b') as out, open(self.folder + '/errors', 'w+b') as errors:
            process = subprocess.Popen([self.host, 'pipeline.yaml'], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0), errors.seek(0)
            return process.returncode, out.read(), errors.read().decode(), usage.ru_maxrss << 10

    def rejects(self):
        with open(self.folder + '/rejects.jsonl', 'rb') as file:
            return file.read()


def step(number):
    return b'{"event_type":"step","k":"key %d","n":%d}' % (number % 50, number)


def fill(number):
    return b'{"event_type":"fill","k":"key %d","q":%d,"p":1.5}' % (number % 50, number)


STOP = b'{"event_type":"stop","k":"a"}'
ALL_STATE = '{state: trace, format: csv, path: "-"}'


# ---- ends

@case
def stop_is_not_held_up_by_input_that_never_comes(runner):
    for shape in SHAPES:
        for threads in THREADS:
            for lines in ([STOP], [step(1), fill(2), STOP], [step(n) for n in range(100)] + [STOP]):
                runner.write(shape, threads, source='-')
                process = runner.start(block_bytes=64)
                for line in lines:
                    process.stdin.write(line + b'\n')
                    process.stdin.flush()
                try:
                    status = process.wait(PROMPT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise AssertionError('%s, %d threads, %d lines: it waits for input' % (shape, threads, len(lines)))
                check(status == 1, shape, threads, len(lines), 'status', status, process.stderr.read().decode())
                check(b"told to stop by 'a'" in runner.rejects(), shape, threads, len(lines), 'rejects', runner.rejects())
                process.communicate()


@case
def few_blocks_and_many_threads(runner):
    for shape in SHAPES:
        for count in (0, 1, 2, 5):
            lines = [step(n) if n % 2 else fill(n) for n in range(count)]
            outs = set()
            for threads in (1, 2, 8, 40):
                for block_bytes in ('', 1):
                    runner.write(shape, threads, sinks=ALL_STATE)
                    status, out, errors = runner.run(lines, block_bytes)
                    check(status == 0, shape, count, threads, 'status', status, errors)
                    outs.add(out)
            check(len(outs) == 1, shape, count, outs)


# ---- memory

MEMORY_MAX = 100 << 20  # a block's effects take more, in outboxes and in what is to be written
KEYS = 7  # that `many` counts by


def memory_max(runner, bytes):
    with open(runner.host, 'rb') as file:
        return bytes * (3 if b'__tsan_init' in file.read() else 1)  # it shadows memory


@case
def memory_does_not_follow_what_lines_bring(runner):
    lines = [b'{"event_type":"many","n":40000}'] * 60
    most = memory_max(runner, MEMORY_MAX)
    counts = b''.join(b'%d,%d\n' % (key, len(lines) * len(range(key, 40000, KEYS))) for key in range(KEYS))
    for shape in ('free', 'owned'):
        for threads in (1, 2):
            runner.write(shape, threads, sinks='{effects: tick, path: effects.jsonl}, {state: tick, format: csv, path: "-"}')
            status, out, errors, bytes = runner.measure(lines)
            check(status == 0 and out == b'i,n\n' + counts, shape, threads, status, out, errors)
            check(bytes < most, shape, threads, 'it took', bytes >> 20, 'MiB')
            with open(runner.folder + '/effects.jsonl', 'rb') as file:
                check(sum(1 for line in file) == len(lines) * 40000, shape, threads, 'effects')


@case
def many_owners_hold_no_more_than_one(runner):
    """Each brings more than a chunk may hold. There are two chunks a thread, and memory that grows may be twice what is needed."""
    threads, lines = 6, [b'{"event_type":"trouble","what":"much","k":"%d"}' % (n // 4) for n in range(800)]
    runner.write((['trouble'], '{reads: true}', 'k'), threads, sinks='{effects: quarrel, path: effects.jsonl}')
    status, _, errors, bytes = runner.measure(lines, 4500)
    check(status == 0 and '800 handled' in errors, status, errors)
    check(bytes < memory_max(runner, 2 * 2 * threads * (16 << 20)), 'it took', bytes >> 20, 'MiB')


# ---- blame

@case
def trouble_is_named_with_its_logline(runner):
    for what, ends, says in (('crash', -signal.SIGSEGV, 'crashed (SIGSEGV)'), ('exit', 1, 'called exit()'),
                             ('hang', 1, 'hangs (handler_timeout): no return for 0.3 s'), ('fail', 1, 'told to fail')):
        for later in ('', 'later '):
            if (what, later) == ('fail', 'later '):
                says = "reducer 'worry' left a row that cannot stand"
            for reads in ('false', 'true'):
                for threads in (1, 2, 8):
                    play_trouble(runner, later + what, ends, says, reads, threads)


def play_trouble(runner, what, ends, says, reads, threads):
    lines = [b'{"event_type":"trouble","what":"none","k":"%d"}' % n for n in range(300)]
    lines[200] = b'{"event_type":"trouble","what":"%s","k":"17"}' % what.encode()
    runner.write((['trouble'], '{reads: %s}' % reads, 'k'), threads)
    with open(runner.folder + '/pipeline.yaml', 'a') as file:
        file.write('handler_timeout: 300ms\n')
    no_core = lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status, _, errors = runner.run(lines, 300, preexec_fn=no_core)
    place = 'log.jsonl:201'
    check(status == ends, what, reads, threads, 'status', status, errors)
    check(says in errors and place in errors, what, reads, threads, errors)


@case
def what_the_host_waits_for_is_not_the_handlers_time(runner):
    for threads in (1, 3):
        runner.write((['trouble'], '{reads: true}', 'k'), threads)
        with open(runner.folder + '/pipeline.yaml', 'a') as file:
            file.write('handler_timeout: 50ms\n')
        with open(runner.folder + '/log.jsonl', 'wb') as file:
            file.write(b'{"event_type":"trouble","what":"log","k":"1"}\n')
        process = runner.start()
        time.sleep(0.6)  # a pager that nobody reads
        _, errors = process.communicate(timeout=TIMEOUT_S)
        check(process.returncode == 0 and b'1 handled' in errors, threads, process.returncode, errors[-500:].decode())


@case
def of_what_fails_on_one_line_the_same_is_said(runner):
    for what in ('quarrel', 'quarrel of many', 'quarrel with worry'):
        lines = [b'{"event_type":"trouble","what":"none","k":"%d"}' % n for n in range(300)]
        lines[200] = b'{"event_type":"trouble","what":"%s","k":"17"}' % what.encode()
        for reads in ('false', 'true'):
            for threads in (1, 2, 3, 8):
                runner.write((['trouble'], '{reads: %s}' % reads, 'k'), threads)
                status, _, errors = runner.run(lines, 300)
                says = "plugin 'trouble', reducer 'quarrel' left a row that cannot stand: field 'one' is not a finite number"
                rejects = runner.rejects()
                check(status == 1 and 'etl-host: error: log.jsonl:201: ' + says in errors, what, reads, threads, errors)
                check('loglines 201: 200 handled, 0 unhandled, 0 skipped, 1 rejected' in errors, what, reads, threads, errors)
                check(rejects.count(b'\n') == 1 and says.encode() in rejects, what, reads, threads, rejects)


@case
def nothing_is_done_with_what_a_failed_reducer_left(runner):
    """Neither of the table that is read (4) nor of the other (16) is anything to be seen by plugins again."""
    for how, effect in ((4, 'spoiled'), (16, 'heap'), (20, 'heap')):
        lines = [b'{"event_type":"spoil","i":%d,"id":%d,"mode":%d}' % (n % 4, n + 1, how if n == 25 else 0) for n in range(60)]
        says = "plugin 'spoil', reducer '%s' left a row that cannot stand: field 'one' is not a finite number" % effect
        for reads in ('false', 'true'):
            for threads, block_bytes in ((1, 40), (2, 40), (2, 300), (3, 40), (8, 40), (8, '')):
                runner.write((['spoil'], '{reads: %s}' % reads, 'i'), threads)
                status, _, errors = runner.run(lines, block_bytes)
                check(status == 1 and 'etl-host: error: log.jsonl:26: ' + says in errors, how, reads, threads, status, errors)
                check('loglines 26: 25 handled, 0 unhandled, 0 skipped, 1 rejected' in errors, how, reads, threads, errors)
                rejects = runner.rejects()
                check(rejects.count(b'\n') == 1 and says.encode() in rejects, how, reads, threads, rejects)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--host', required=True)
    parser.add_argument('--plugins', required=True)
    parser.add_argument('cases', nargs='*')
    options = parser.parse_args()
    failed = 0
    for function in cases:
        if options.cases and function.__name__ not in options.cases:
            continue
        runner, begin = Runner(os.path.abspath(options.host), os.path.abspath(options.plugins)), time.monotonic()
        with tempfile.TemporaryDirectory(prefix='chunks-') as runner.folder:
            try:
                function(runner)
                print('%s: ok, %.1f s' % (function.__name__, time.monotonic() - begin))
            except AssertionError as error:
                failed += 1
                print('%s: %s' % (function.__name__, error))
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
