#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Memory follows the state, not the log: where keys and values of any sizes come and go, ten times the log takes no more of it,
at one thread and at two.

    churn.py --host build/host/etl-host --oracle build/tests/oracle/plugins --measure build/tests/bench/measure [FAMILY...]"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

LOG_BYTES = 3 << 20
TIMES = 10
SLACK = 1.25
SLACK_KB = 6 << 10
PIPELINE = """source: {{path: log.jsonl}}
plugins: [{oracle}/kinds.so, {oracle}/ledger.so]
sinks: []
threads: {threads}
"""


def text(i, most):
    """Of any size, mostly short ones."""
    return chr(97 + i % 26) * int(most ** random.random())


def values(i):
    most = (50, 5000, 300, 20000)[i // 500 % 4]
    return '{"event_type":"maybe","k":"key %d","s":"%s","j":["%s"]}' % (random.randrange(100), text(i, most), text(i + 1, most))


def keys(i):
    """The latter of two lines takes away the row that the former made."""
    return ('{"event_type":"transfer","to":1,"note":"","account_id":%d,"memo":"%s%d","price":1,"amount":1,"mode":%d}'
            % (i // 2 % 50, 'm' * (20 + i // 2 * 7919 % 700), i // 2 % 90000, 16 * (i % 2)))


def keys_by_the_thousand(i):
    """A thousand come and go, then a thousand of another size."""
    generation, number = i // 2000, i % 1000
    return ('{"event_type":"transfer","to":1,"note":"","account_id":%d,"memo":"%s","price":1,"amount":1,"mode":%d}'
            % (number, 'm' * (40 + generation * 104729 % 900), 16 * (i % 2000 >= 1000)))


FAMILIES = {family.__name__: family for family in (values, keys, keys_by_the_thousand)}


def write_log(path, family, size):
    random.seed(1)
    with open(path, 'w', encoding='ascii') as log:
        i = 0
        while log.tell() < size:
            log.write(''.join(family(i + k) + '\n' for k in range(2000)))
            i += 2000


def peak_kb(options, folder, threads):
    with open(f'{folder}/pipeline.yaml', 'w', encoding='utf-8') as file:
        file.write(PIPELINE.format(oracle=options.oracle, threads=threads))
    result = f'{folder}/result'
    subprocess.run([options.measure, result, options.host, '-q', f'{folder}/pipeline.yaml'], check=True)
    with open(result, encoding='ascii') as file:
        _, peak, status = file.read().split()
    if status != '0':
        sys.exit(f'the run ended with {status}')
    return int(peak)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--host', required=True, type=os.path.abspath)
    parser.add_argument('--oracle', required=True, type=os.path.abspath)
    parser.add_argument('--measure', required=True, type=os.path.abspath)
    parser.add_argument('family', nargs='*')
    options = parser.parse_args()
    failed = False
    for name in options.family or FAMILIES:
        with tempfile.TemporaryDirectory() as folder:
            peaks = {}
            for times in 1, TIMES:
                write_log(f'{folder}/log.jsonl', FAMILIES[name], times * LOG_BYTES)
                for threads in 1, 2:
                    peaks[times, threads] = peak_kb(options, folder, threads)
        for threads in 1, 2:
            before, after = peaks[1, threads], peaks[TIMES, threads]
            good = after <= before * SLACK + SLACK_KB
            failed |= not good
            print(f'{name}, {threads} threads: {before} KB, of {TIMES} times the log {after} KB{"" if good else ": too much"}')
    return failed


sys.exit(main())
