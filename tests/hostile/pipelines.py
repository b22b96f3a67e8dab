#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No pipeline file costs much more than another of its size, in time or memory, to be read and checked. Each family here is a
file, about as large as one may be, that something in the host or in libyaml could be slow at.

    pipelines.py --host build/host/etl-host --plugins build/plugins [--show] [FAMILY...]"""

import argparse
import os
import subprocess
import sys
import tempfile

FILE_BYTES = 1000 * 1000
RATIO_MAX = 40
SLACK_S = 0.4
MEMORY_KB = 96 << 10  # more than what the ordinary file takes

START = 'source: {path: log.jsonl}\nplugins: [account.so]\n'
BASE = START + 'sinks: []\n'


def fill(before, unit, after=''):
    return before + unit * ((FILE_BYTES - len(before) - len(after)) // len(unit)) + after


def count(before, form, number, after=''):
    return before + ''.join(form % i for i in range(number)) + after


ORDINARY = fill(BASE, '# what is said of something\n')

FAMILIES = {
    'tag directives': count('', '%%TAG !%x! x\n', 60000, '---\n' + BASE),
    'tag directives of a second document': count(BASE + '...\n', '%%TAG !%x! x\n', 60000, '---\n' + BASE),
    'version directives': fill('', '%YAML 1.1\n', '---\n' + BASE),
    'documents': fill('', '--- a\n'),
    'deep lists': fill('a: ', '['),
    'deep mappings': fill('a: ', '{a: '),
    'deep blocks': fill('', '- '),
    'deep and closed': fill('', 'x: ' + '[' * 60 + ']' * 60 + '\n'),
    'keys': count(BASE, 'k%d: 1\n', 32000),
    'keys alike': fill(BASE, 'k: 1\n'),
    'keys that are nearly known': count(BASE, 'source_and_so_on_%d: 1\n', 30000),
    'keys in braces': fill('{', 'a, ', '}'),
    'keys with question marks': fill('', '? a\n'),
    'a long key': fill(BASE, 'k', ': 1\n'),
    'a long plain text': fill(BASE + 'x: ', 'a', '\n'),
    'a text of escapes': fill(BASE + 'x: "', '\\n', '"\n'),
    'a text of quotes': fill(BASE + "x: '", "''", "'\n"),
    'a text of lines': fill(BASE + 'x: >\n', ' a\n'),
    'a text of one indent': fill(BASE + 'x: |\n', ' ', 'a\n'),
    'anchors': count(BASE + 'x: [', '&a%d b,', 60000, ']\n'),
    'aliases': count(BASE + 'x: [', '*a%d,', 60000, ']\n'),
    'tags': fill(BASE + 'x: [', '!a b,', ']\n'),
    'a long comment': fill(BASE + '#', 'a', '\n'),
    'empty lines': fill(BASE, '\n'),
    'items': fill('plugins:\n', '- a\n'),
    'variables': fill(BASE + 'x: "', '${HOME}', '"\n'),
    'variables with defaults': fill(BASE + 'x: "', '${NONE_OF_TEST:-a}', '"\n'),
    'variables left open': fill(BASE + 'x: "', '${', '"\n'),
    'variables that are not set': count(BASE + 'x: [', '"${NONE_OF_TEST_%d}",', 30000, ']\n'),
    'many plugins': count('source: {path: log.jsonl}\nplugins:\n', '- p%d.so\n', 60000),
    'one plugin many times': fill('source: {path: log.jsonl}\nplugins:\n', '- account.so\n'),
    'options of a plugin': count('source: {path: log.jsonl}\nsinks: []\nplugins: [{path: account.so, config: {', 'k%d: 1, ', 32000,
                                 '}}]\n'),
    'sinks of nothing': count(START + 'sinks:\n', '- {state: nothing, path: o%d.csv}\n', 6000),
    'source paths': count('plugins: [account.so]\nsinks: []\nsource: {path: [', 'log%d.jsonl, ', 60000, ']}\n'),
    'one source path many times': fill('plugins: [account.so]\nsinks: []\nsource: {path: [', 'log.jsonl, ', ']}\n'),
    'a glob of stars': fill('plugins: [account.so]\nsinks: []\nsource: {path: "', '*a', '"}\n'),
    'a long path of an event type': fill('plugins: [account.so]\nsinks: []\nsource: {path: log.jsonl, event_type: "', 'a.', 'a"}\n'),
}


def check(options, folder, text):
    """Seconds of the processor, and KB of memory."""
    with open(folder + '/pipeline.yaml', 'w') as file:
        file.write(text)
    process = subprocess.Popen([options.host, 'check', 'pipeline.yaml'], cwd=folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 2), 'exit status %d' % process.returncode
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--host', required=True)
    parser.add_argument('--plugins', required=True)
    parser.add_argument('--show', action='store_true', help='print what each family takes')
    parser.add_argument('families', nargs='*')
    options = parser.parse_args()
    options.host = os.path.abspath(options.host)
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(options.plugins) + '/account.so', folder + '/account.so')
        open(folder + '/log.jsonl', 'w').close()
        control, control_memory = check(options, folder, ORDINARY)
        limit = RATIO_MAX * control + SLACK_S
        for name, text in FAMILIES.items():
            if options.families and name not in options.families:
                continue
            took, memory = min(check(options, folder, text), check(options, folder, text))
            if options.show:
                print('%-40s %6.3f s, %6.1f times, %6d KB' % (name, took, took / control, memory))
            if took > limit:
                failed.append('%s: %.3f s, against %.3f s of an ordinary file' % (name, took, control))
            if memory > control_memory + MEMORY_KB:
                failed.append('%s: %d KB, against %d KB of an ordinary file' % (name, memory, control_memory))
    sys.exit('\n'.join(failed) or None)


main()
