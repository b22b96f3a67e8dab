#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No line costs much more than another of its size. Each family here is a log of lines that some part of the host could be slow
at; it must not take more than so many times what an ordinary log of as many bytes takes, nor so much more memory.

    lines.py --host build/host/etl-host --oracle build/tests/oracle/plugins [--show] [FAMILY...]"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

LOG_BYTES = 6 << 20
RATIO_MAX = 10
SLACK_S = 0.05
MEMORY_KB = 32 << 10  # more than what ordinary lines take; no line is longer than 0.1 MB
ROUNDS = 3  # of which the fastest counts, for what is over the limit

MAYBE = '{"event_type":"maybe","k":"a"'


def ordinary(i):
    return MAYBE + ',"i":%d,"user":{"id":%d,"name":"Ada"},"note":"nothing to be said"}' % (i, i)


def nest(opens, closes, depth, inner):
    return opens * depth + inner + closes * depth


def members(count, name, value):
    return ','.join('"%s%d":%s' % (name, k, value) for k in range(count))


# ---- what nobody asks for

def nested_with_another_key_at_each_level(i):
    """The first lines teach what the others are like, but for their last keys."""
    return MAYBE + ',"x":' + nest('{"a":', ',"y%d":1}' % i, 120, '[%s]' % ','.join(['1'] * (30000 if i > 9 else 2))) + '}'


def nested_small(i):
    return MAYBE + ',"x":' + nest('{"a":', ',"y%d":1}' % i, 120, '1') + '}'


def nested_in_arrays(i):
    return MAYBE + ',"x":' + nest('[{"a":', ',"y%d":1}]' % i, 60, '"%s"' % ('b' * 10000)) + '}'


def nested_and_cut(i):
    return MAYBE + ',"x":' + nest('{"a":', '}', 120, '[%s]' % ','.join(['{"b":%d}' % i] * 3000)) + ']'


def nested_beside_much(i):
    return MAYBE + ',"x":' + nest('{"b":"%s","a":' % ('c' * 100), ',"y%d":1}' % i, 100, '1') + '}'


def only_brackets(i):
    return MAYBE + ',"x":' + nest('[', ']', 120, '' if i % 2 else '{}') + '}'


def too_deep(_):
    return MAYBE + ',"x":' + '[' * 100000


def elements_all_different(i):
    random.seed(i)
    return MAYBE + ',"x":[%s]}' % ','.join('{"k%d":%d}' % (random.randrange(1000), k) for k in range(1000))


def elements_of_all_kinds(i):
    random.seed(i)
    kinds = '1', '"a"', 'true', 'null', '[]', '{}', '[[1]]', '{"a":{"b":1}}', '-1.5e3', ' 1', '{"a":[1,2]}', '"\\n"'
    return MAYBE + ',"x":[%s]}' % ','.join(random.choice(kinds) for _ in range(1000))


def keys_at_random(i):
    random.seed(i)
    return MAYBE + ',' + ','.join('"key%d":%d' % (random.randrange(10**6), k) for k in range(60)) + '}'


def keys_long(i):
    return MAYBE + ',' + members(20, 'k' * 1000 + str(i % 9), '1') + '}'


def white_space(_):
    return MAYBE + ',"x":[%s]}' % ','.join(['1' + ' ' * 500] * 100)


# ---- what is read late, or again

def shape_is_missed_late(i):
    return MAYBE + ',"x":[%s],"late%d":1}' % (','.join(['1'] * 3000), i)


def type_is_late(i):
    return '{"k":"a","s":"%s","j":[%s],"z%d":1,"event_type":"maybe"}' % ('s' * 3000, ','.join(['1'] * 1000), i)


def type_is_long(i):
    return '{"event_type":"%s%d"}' % ('t' * 5000, i)


def fault_is_late(i):
    return MAYBE + ',"s":"%s","y%d":1,"x":tru}' % ('s' * 10000, i)


def wanted_twice(_):
    return MAYBE + ',"j":[%s]' % ','.join(['1'] * 1000) + ',"i":1' * 200 + '}'


# ---- values that are asked for

def json_field(i):
    return MAYBE + ',"j":%s}' % nest('{"a":', ',"y%d":1}' % i, 100, '[%s]' % ','.join(['1'] * 3000))


def escapes(_):
    return MAYBE + ',"s":"%s"}' % ('\\n' * 10000)


def escapes_of_unicode(_):
    return MAYBE + ',"s":"%s"}' % ('\\ud83d\\ude00' * 3000)


def escapes_in_keys(_):
    return MAYBE + ',' + members(100, '\\u0041' * 20, '1') + '}'


def not_ascii(_):
    return MAYBE + ',"s":"%s"}' % ('\u00e9\u4e2d' * 5000)


def numbers_long(_):
    return MAYBE + ',"i":1%s}' % ('0' * 30000)


def decimals_long(_):
    return MAYBE + ',"m":"0.%s1"}' % ('0' * 30000)


def doubles_long(_):
    return MAYBE + ',"d":1.%s}' % ('7' * 30000)


def exponents_long(_):
    return MAYBE + ',"d":1e%s1}' % ('0' * 30000)


def control_characters_in_effects(_):
    return MAYBE + ',"s":"%s"}' % ('\\u0001' * 5000)


# ---- what is refused

def control_characters(_):
    return '\x01' * 20000


def quotes(_):
    return '"' * 20000


def not_utf8(_):
    return b'{"event_type":"maybe","k":"' + b'\xff' * 20000


def nul_bytes(_):
    return '\0' * 20000


def field_is_wrong(i):
    return MAYBE + ',"x":"%s","i":"%d"}' % ('x' * 5000, i)


FAMILIES = [family for family in list(globals().values()) if callable(family) and family.__module__ == __name__
            and family not in (ordinary, nest, members)]


def write_log(path, family):
    with open(path, 'wb') as file:
        i = 0
        while file.tell() < LOG_BYTES:
            line = family(i)
            file.write((line if isinstance(line, bytes) else line.encode()) + b'\n')
            i += 1
        return file.tell()


def play(options, folder):
    """Seconds of the processor, for other programs may run, too; and KB of memory."""
    process = subprocess.Popen([options.host, '-q', 'pipeline.yaml'], cwd=folder, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 3), 'exit status %d' % process.returncode
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def cost(options, folder, family, good_enough=0):
    """Seconds for LOG_BYTES, the fewest of some rounds, of fewer where one was good enough; and KB."""
    size = write_log(folder + '/log.jsonl', family)
    best, memory = float('inf'), 0
    for _ in range(ROUNDS):
        seconds, memory = play(options, folder)
        best = min(best, seconds * LOG_BYTES / size)
        if best <= good_enough:
            break
    return best, memory


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--host', required=True)
    parser.add_argument('--oracle', required=True)
    parser.add_argument('--show', action='store_true', help='print what each family takes')
    parser.add_argument('families', nargs='*')
    options = parser.parse_args()
    options.host = os.path.abspath(options.host)
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + '/pipeline.yaml', 'w') as file:
            json.dump({'source': {'path': 'log.jsonl'}, 'plugins': [os.path.abspath(options.oracle) + '/kinds.so'],
                       'sinks': [{'effects': '*', 'path': 'effects.jsonl'}, {'state': 'rare', 'path': 'rare.csv'}],
                       'rejects': {'path': 'rejects.jsonl', 'limit': 10**9}, 'threads': 1}, file)
        control, control_memory = cost(options, folder, ordinary)
        limit = RATIO_MAX * control + SLACK_S
        for family in FAMILIES:
            if options.families and family.__name__ not in options.families:
                continue
            took, memory = cost(options, folder, family, limit)
            if options.show:
                print('%-40s %6.3f s, %5.1f times, %6d KB' % (family.__name__, took, took / control, memory))
            if took > limit:
                failed.append('%s: %.3f s, against %.3f s of ordinary lines' % (family.__name__, took, control))
            if memory > control_memory + MEMORY_KB:
                failed.append('%s: %d KB, against %d KB of ordinary lines' % (family.__name__, memory, control_memory))
    sys.exit('\n'.join(failed) or None)


main()
