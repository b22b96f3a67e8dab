#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one golden case, or writes down what it gives (--update).

    run.py --host build/host/etl-host --plugins build/plugins --oracle build/tests/oracle/plugins [--update] CASE

A case is a folder: the files of a run, and what is to come of it. The run happens in a copy of the folder, which has nothing else
in it.

    args        arguments of etl-host, one a line; `pipeline.yaml` where there is no such file
    stdin       standard input; empty where there is no such file
    status      exit status; 0 where there is no such file
    expected/   what the run writes: every file, byte for byte, and no other; stdout and stderr among them. In these two, folders
                are written as ${CASE}, ${PLUGINS} and ${ORACLE}, and what differs from run to run or by machine (seconds,
                rates, memory, threads) as #.
                Without expected/stderr, standard error is not looked at; without expected/stdout, it must be empty
    says        lines that must stand on standard error, in this order, among others; each as a part of a line of it

Pipelines find plugins by ${PLUGINS} (the product's) and ${ORACLE} (those of tests/oracle)."""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

OURS = {'args', 'stdin', 'status', 'expected', 'says'}
TIMEOUT_S = 120
VARYING = [
    (rb'(?m)(^table +rows) +memory$', rb'\1  memory'),
    (rb'(?m)^(\S.* [\d,]+)  +[\d.]+ (?:B|[KMGT]iB)$', rb'\1  #'),
    (rb'(?m)^[\d.]+ s$', b'# s'),
    (rb'(?m)^[\d.]+ s, [\d,]+ loglines/s, [\d.]+ \w?B/s, \d+ threads?$', b'# s, # loglines/s, # B/s, # threads'),
    (rb'(?m)^(  threads +auto: )\d+$', rb'\1#'),
]


def read(path, default=None):
    if not os.path.exists(path):
        return default
    with open(path, 'rb') as file:
        return file.read()


def files_below(folder):
    paths = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    return {os.path.relpath(path, folder): path for path in paths}


def copy_case(case, folder):
    for name in os.listdir(case):
        if name in OURS:
            continue
        source, target = os.path.join(case, name), os.path.join(folder, name)
        if os.path.isdir(source):
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)


def unvarying(text, folders):
    for name, folder in folders:
        text = text.replace(folder.encode(), b'${' + name.encode() + b'}')
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return text


def run(case, options, folder):
    """What the run gave: name to bytes, of all files that it made or changed, and stdout and stderr; and its exit status."""
    copy_case(case, folder)
    before = {name: read(path) for name, path in files_below(folder).items()}
    arguments = read(case + '/args', b'pipeline.yaml').decode().split('\n')
    environment = dict(os.environ, PLUGINS=options.plugins, ORACLE=options.oracle, LC_ALL='C')
    folders = [('CASE', os.path.realpath(folder)), ('PLUGINS', options.plugins), ('ORACLE', options.oracle)]
    result = subprocess.run([options.host] + [each for each in arguments if each], cwd=folder, env=environment,
                            capture_output=True, input=read(case + '/stdin', b''), timeout=TIMEOUT_S)
    given = {name: read(path) for name, path in files_below(folder).items()}
    given = {name: data for name, data in given.items() if before.get(name) != data}
    gone = set(before) - set(files_below(folder))
    assert not gone, 'the run removed %s' % ', '.join(gone)
    given['stdout'] = unvarying(result.stdout, folders)
    given['stderr'] = unvarying(result.stderr, folders)
    return given, result.returncode


def difference(name, expected, given):
    def lines(data):
        return data.decode('utf-8', 'backslashreplace').splitlines(keepends=True)
    if expected == given:
        return ''
    if expected is None:
        return '%s was written, but is not expected:\n%s' % (name, given.decode('utf-8', 'backslashreplace'))
    if given is None:
        return '%s was not written\n' % name
    text = ''.join(difflib.unified_diff(lines(expected), lines(given), 'expected/' + name, 'given/' + name))
    return re.sub(r'(?<!\n)\Z', '\n', text) if text else '%s differs in bytes that do not show\n' % name


def check(case, given, status):
    problems = ''
    expected = {name: read(path) for name, path in files_below(case + '/expected').items()}
    expected.setdefault('stdout', b'')
    for name in sorted(set(expected) | set(given)):
        if name != 'stderr' or name in expected:
            problems += difference(name, expected.get(name), given.get(name))
    wanted = int(read(case + '/status', b'0'))
    if status != wanted:
        problems += 'exit status %d, not %d\n' % (status, wanted)
    at, lines = 0, given['stderr'].decode('utf-8', 'replace').split('\n')
    for part in read(case + '/says', b'').decode().split('\n'):
        found = next((index for index, line in enumerate(lines) if index >= at and part in line), None)
        if found is None:
            problems += 'standard error does not say (there): %s\n' % part
        else:
            at = found + (part != '')
    if problems and status != wanted or 'standard error does not say' in problems:
        problems += 'standard error:\n' + '\n'.join(lines)
    return problems


def update(case, given, status):
    with_stderr = os.path.exists(case + '/expected/stderr')
    shutil.rmtree(case + '/expected', ignore_errors=True)
    for name, data in given.items():
        if name == 'stdout' and not data or name == 'stderr' and not with_stderr:
            continue
        path = '%s/expected/%s' % (case, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)
    if status or os.path.exists(case + '/status'):
        with open(case + '/status', 'w') as file:
            file.write('%d\n' % status)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('--host', '--plugins', '--oracle'):
        parser.add_argument(name, required=True, type=os.path.abspath)
    parser.add_argument('--update', action='store_true', help='write down what the run gives as what is expected')
    parser.add_argument('case', type=os.path.abspath)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='golden-') as folder:
        given, status = run(options.case, options, folder)
    if options.update:
        update(options.case, given, status)
        return 0
    problems = check(options.case, given, status)
    sys.stdout.write(problems)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
