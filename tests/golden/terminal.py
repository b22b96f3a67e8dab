#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The progress line, on a pseudo-terminal: it comes, and goes before anything else is said. Elsewhere it never was.

    terminal.py --host build/host/etl-host --plugins build/plugins

The log is a pipe that is fed slowly; so a run takes as long as a test wants it to, whatever the machine."""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

ERASE = '\r\x1b[K'
PROGRESS = re.compile(r'(?:\s*\d+ %  )?[\d.]+ \w?B(?: of [\d.]+ \w?B)?  [\d,]+ loglines/s  [\d,]+ rejects?(?:  [\d:]+ left)?')
SLOW_S, PAUSE_S, TIMEOUT_S = 1.2, 0.05, 60
LINE = b'{"event_type":"buy","ticker":"X","amount":1,"price":10,"account_id":1,"timestamp":1}\n'
BAD = b'nonsense\n'


def pipeline(options, extra=''):
    return ('source:\n  path: "-"\nplugins:\n  - %s/transaction.so\nsinks:\n  - {state: position, path: positions.csv}\n%s'
            % (options.plugins, extra))


def feed(descriptor, lines, seconds):
    """A line now and then, for so long; then the end."""
    end = time.monotonic() + seconds
    try:
        while True:
            for line in lines:
                os.write(descriptor, line)
            if time.monotonic() >= end:
                break
            time.sleep(PAUSE_S)
    except OSError:
        pass  # nobody reads any more
    os.close(descriptor)


def read_all(descriptor, process):
    """What comes, to the end of the process."""
    data, end = b'', time.monotonic() + TIMEOUT_S
    while time.monotonic() < end:
        ended = process.poll() is not None
        if select.select([descriptor], [], [], 0.05)[0]:
            try:
                piece = os.read(descriptor, 65536)
            except OSError:
                piece = b''  # how a terminal ends
            if not piece:
                break
            data += piece
        elif ended:
            break
    process.wait(TIMEOUT_S)
    return data.decode('utf-8', 'replace').replace('\r\n', '\n')


def start(options, folder, arguments, stdin, stderr, **environment):
    return subprocess.Popen([options.host, *arguments], cwd=folder, env=dict(os.environ, LC_ALL='C', **environment), stdin=stdin,
                            stdout=subprocess.DEVNULL, stderr=stderr)


def start_feeding(lines, seconds):
    """The end of a pipe, and the thread that feeds the other."""
    reading, writing = os.pipe()
    feeder = threading.Thread(target=feed, args=(writing, lines, seconds))
    feeder.start()
    return reading, feeder


def on_terminal(options, folder, arguments=('pipeline.yaml',), lines=(LINE,), seconds=SLOW_S, columns=100, meanwhile=None,
                **environment):
    """What the terminal got as standard error, and the exit status."""
    environment.setdefault('TERM', 'xterm')
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    reading, feeder = start_feeding(lines, seconds)
    process = start(options, folder, arguments, reading, theirs, **environment)
    os.close(theirs)
    os.close(reading)
    if meanwhile:
        meanwhile(process)
    shown = read_all(ours, process)
    feeder.join()
    os.close(ours)
    return shown, process.returncode


def split(shown):
    """The progress lines, and what was left on the screen."""
    pieces = shown.split(ERASE)
    left, seen = pieces[0], []
    for piece in pieces[1:]:
        match = PROGRESS.match(piece)
        if match:
            seen.append(match.group())
            rest = piece[match.end():]
            assert not rest, 'said without erasing the progress: %r' % rest
        else:
            left += piece
    return seen, left


def comes_and_goes(options, folder):
    shown, status = on_terminal(options, folder)
    seen, left = split(shown)
    assert status == 0, status
    assert 2 <= len(seen) <= 10, 'shown %d times: %r' % (len(seen), shown)
    assert left.startswith('loglines '), left
    assert '\x1b' not in left, left


def says_share_and_time_left(options, folder):
    for count in (20000, 80000, 320000, 1280000):
        with open(folder + '/log.jsonl', 'wb') as file:
            file.write(LINE * count)
        shown, status = on_terminal(options, folder, ['run', 'pipeline.yaml', 'log.jsonl'], seconds=0, ETL_HOST_BLOCK_BYTES='100')
        seen, left = split(shown)
        assert status == 0 and left.startswith('loglines %s: ' % format(count, ',')), left
        if len(seen) >= 2:
            break
    assert len(seen) >= 2, 'no progress on %d loglines' % count
    shares = [int(re.match(r'\s*(\d+) %', line).group(1)) for line in seen]
    assert shares == sorted(shares) and all(0 <= share <= 100 for share in shares), seen
    assert all(line.endswith(' left') for line in seen), seen


def not_of_a_short_run(options, folder):
    shown, status = on_terminal(options, folder, seconds=0)
    assert status == 0 and shown.startswith('loglines ') and '\x1b' not in shown, shown


def not_when_quiet(options, folder):
    for arguments in (['--quiet', 'pipeline.yaml'], ['run', 'pipeline.yaml', '-q']):
        shown, status = on_terminal(options, folder, arguments)
        assert (shown, status) == ('', 0), (shown, status)


def not_on_a_dumb_terminal(options, folder):
    shown, status = on_terminal(options, folder, TERM='dumb')
    assert status == 0 and shown.startswith('loglines ') and '\x1b' not in shown, shown


def not_when_piped(options, folder):
    reading, feeder = start_feeding([LINE], SLOW_S)
    process = start(options, folder, ['pipeline.yaml'], reading, subprocess.PIPE, TERM='xterm')
    os.close(reading)
    shown = process.communicate(timeout=TIMEOUT_S)[1].decode()
    feeder.join()
    assert shown.startswith('loglines ') and '\x1b' not in shown and '\r' not in shown, shown


def is_erased_before_rejects(options, folder):
    shown, status = on_terminal(options, folder, lines=(LINE, BAD))
    seen, left = split(shown)
    assert status == 3, status
    assert seen, shown
    rejects = [line for line in left.split('\n') if line.startswith('{')]
    assert len(rejects) >= 5 and all(line.endswith('"text":"nonsense"}') for line in rejects), left
    assert any(' %d reject' % number in line for line in seen for number in range(1, 200)), seen


def shows_the_first_rejects(options, folder):
    for count in (20, 21, 2000):
        shown, status = on_terminal(options, folder, ['-q', 'pipeline.yaml'], [LINE] + [BAD] * count, seconds=0)
        lines = shown.rstrip('\n').split('\n')
        assert status == 3 and all(line.startswith('{') for line in lines[:20]), shown
        if count == 20:
            assert len(lines) == 20, lines
            continue
        assert len(lines) == 22, lines
        assert lines[20].startswith('etl-host: info: further rejects are only counted here'), lines[20]
        number = '1 further reject was' if count == 21 else '1,980 further rejects were'
        assert lines[21] == 'etl-host: info: %s not shown' % number, lines[21]


def shows_nothing_that_a_terminal_obeys(options, folder):
    bad = 'a\x1b\x7f\x80\x9b\xa0é\u202e\u200b\U000e0041'.encode() + b'\n'
    shown, _ = on_terminal(options, folder, ['-q', 'pipeline.yaml'], [LINE, bad], seconds=0)
    assert shown.endswith('"text":"a\\u001b\\u007f\\u0080\\u009b\xa0é\\u202e\\u200b\\udb40\\udc41"}\n'), shown


def shows_one_long_reject(options, folder):
    shown, status = on_terminal(options, folder, ['-q', 'pipeline.yaml'], [b'x' * 100000 + b'\n'] * 2, seconds=0)
    assert status == 3 and shown.count('"class":') == 1 and '1 further reject was not shown' in shown, shown[-500:]


def shows_progress_beside_hidden_rejects(options, folder):
    shown, status = on_terminal(options, folder, lines=[BAD] * 100)
    seen, left = split(shown)
    assert status == 3 and seen, left
    assert shown.count(ERASE) <= 2 * len(seen) + 2, 'erased %d times' % shown.count(ERASE)


def shows_all_rejects_elsewhere(options, folder):
    reading, feeder = start_feeding([BAD] * 2000, 0)
    process = start(options, folder, ['-q', 'pipeline.yaml'], reading, subprocess.PIPE, TERM='xterm')
    os.close(reading)
    shown = process.communicate(timeout=TIMEOUT_S)[1].decode()
    feeder.join()
    assert shown.count('"class":') == 2000 and 'further' not in shown, shown[-500:]


def is_erased_before_an_error(options, folder):
    write_pipeline(options, folder, 'rejects: {path: rejects.jsonl, limit: 15}\n')
    shown, status = on_terminal(options, folder, lines=(LINE, BAD))
    seen, left = split(shown)
    assert status == 1 and seen, (status, shown)
    assert left.startswith('etl-host: error: '), left


def is_erased_when_interrupted(options, folder):
    def interrupt(process):
        time.sleep(0.9)
        process.send_signal(signal.SIGINT)
    shown, status = on_terminal(options, folder, meanwhile=interrupt)
    seen, left = split(shown)
    said = 'etl-host: stopped by SIGINT: nothing was published\n'
    assert status == -signal.SIGINT, status
    assert seen and left == said and shown.endswith(ERASE + said), shown


def keeps_to_the_width(options, folder):
    shown, _ = on_terminal(options, folder, columns=20)
    lines = [piece for piece in shown.split(ERASE) if piece and not piece.startswith('loglines ')]
    assert lines and all(len(line) <= 19 for line in lines), shown


TESTS = [comes_and_goes, says_share_and_time_left, not_of_a_short_run, not_when_quiet, not_on_a_dumb_terminal, not_when_piped,
         is_erased_before_rejects, shows_the_first_rejects, shows_nothing_that_a_terminal_obeys, shows_one_long_reject,
         shows_progress_beside_hidden_rejects, shows_all_rejects_elsewhere, is_erased_before_an_error,
         is_erased_when_interrupted, keeps_to_the_width]


def write_pipeline(options, folder, extra=''):
    with open(folder + '/pipeline.yaml', 'w') as file:
        file.write(pipeline(options, extra))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('--host', '--plugins'):
        parser.add_argument(name, required=True, type=os.path.abspath)
    options = parser.parse_args()
    failed = 0
    for test in TESTS:
        with tempfile.TemporaryDirectory(prefix='terminal-') as folder:
            write_pipeline(options, folder)
            try:
                test(options, folder)
            except AssertionError as error:
                print('terminal__%s: %s' % (test.__name__, error))
                failed += 1
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
