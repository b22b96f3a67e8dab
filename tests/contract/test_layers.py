# SPDX-License-Identifier: MIT
"""The folders of host/ in their order: a file includes only what is in its own folder, or in one below it.
usage: test_layers.py HOST_FOLDER"""
import os
import re
import sys

ORDER = ['base', 'config', 'source', 'decode', 'row', 'state', 'effects', 'dispatch', 'sinks', 'run', 'report', '']
TOP = {'main.c', 'pipeline.c', 'pipeline.h'}  # what joins the folders

host = sys.argv[1]
wrong = []
for folder, _, names in os.walk(host):
    here = os.path.relpath(folder, host).split(os.sep)[0].replace('.', '')
    for name in sorted(names):
        if not name.endswith(('.c', '.h')):
            continue
        path = os.path.join(folder, name)
        if here not in ORDER or (not here and name not in TOP):
            wrong.append(f'{path}: this folder has no place in the order')
            continue
        with open(path, encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                included = re.match(r'#include "([^"]*)"', line)
                if not included:
                    continue
                there = included.group(1).rpartition('/')[0].split('/')[0]
                if there not in ORDER or ORDER.index(there) > ORDER.index(here):
                    wrong.append(f'{path}:{number}: {here}/ may not include "{included.group(1)}"')
print('\n'.join(wrong) or 'each folder includes only those below it')
sys.exit(bool(wrong))
