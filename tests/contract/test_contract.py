#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gives etl-host each plugin of the zoo, and checks how the run ends, what is said, and that nothing is left behind.

Usage: test_contract.py ETL-HOST ZOO-FOLDER [CASE...]
"""
import os
import resource
import signal
import subprocess
import sys
import tempfile

DONE, STOPPED, USAGE, REJECTS = 0, 1, 2, 3
TRADE_A = '{"event_type":"trade","account_id":1,"ticker":"A","amount":1}'
TRADE_B = '{"event_type":"trade","account_id":2,"ticker":"B","amount":2}'
HEADER = 'account_id,ticker,amount\n'
BOTH = HEADER + '1,A,1\n2,B,2\n'

BREACH = "plugin 'zoo', handler 'trade': breach of contract: "
DIED = "etl-host: error: plugin 'zoo', handler 'trade': "
ON_A = f' on log.jsonl:1 (byte 0): {TRADE_A}\netl-host: nothing was published\n'
ON_B = f' on log.jsonl:2 (byte {len(TRADE_A) + 1}): {TRADE_B}\netl-host: nothing was published\n'
ABI = "this host has 1.0: build it against this host's etl.h, or run a newer etl-host"

cases = []


def case(plugins, ends, *says, config='', settings='', log=(TRADE_A, TRADE_B), positions=None, rejects=(), name=None,
         cut=None, block_bytes=''):
    """plugins: names in the zoo; ends: exit status or signal; says: parts of standard error; cut: of how many bytes the
    plugin's file is; the rest: what is published."""
    cases.append(dict(name=name or plugins.replace(' ', '+'), plugins=plugins.split(), ends=ends, says=says, config=config,
                      settings=settings, log=log, positions=positions, rejects=rejects, cut=cut, block_bytes=str(block_bytes)))


# Loading: all that is wrong is found before the first line is read.
case('good', DONE, positions=BOTH)
case('no_symbols', USAGE, "pipeline.yaml:3:", "has no symbol 'etl_plugin_info': is it a plugin built with ETL_PLUGIN?")
case('no_init', USAGE, "has no symbol 'etl_plugin_init'")
case('wrong_magic', USAGE, "etl_plugin_info begins with 0x12345678")
case('short_info', USAGE, "etl_plugin_info has 16 bytes, where ABI 1.0 has 40")
case('huge_info', USAGE, "etl_plugin_info has 1000000000 bytes")
case('newer_major', USAGE, "wants ABI 2.0, " + ABI)
case('newer_minor', USAGE, "wants ABI 1.1, " + ABI)
case('null_name', USAGE, "its name is NULL")
case('bad_name', USAGE, "its name is not UTF-8")
case('longer_info', DONE, positions=BOTH)
case('longer_info_used', USAGE, "etl_plugin_info uses members beyond the 40 bytes that this host knows: run a newer etl-host")
case('good', USAGE, "pipeline.yaml:3:", "the file is cut off", cut=5000, name='cut_off')
case('undefined_symbol', USAGE, "cannot load plugin '", "undefined symbol: zoo_is_defined_nowhere")
case('constructor_exits', STOPPED, "constructor_exits.so', a constructor: called exit()\netl-host: nothing was published\n")
case('good good', USAGE, "pipeline.yaml:4:", "good.so'", name='same_file_twice')
case('no_symbols wrong_magic registers_nothing', USAGE, "'etl_plugin_info'", "0x12345678", "registers nothing",
     name='finds_all_in_one_go')

# Init: all or nothing.
case('init_fails', USAGE, "plugin 'zoo': needs 'limit' above 5")
case('init_fails_silently', USAGE, "plugin 'zoo': etl_plugin_init failed without saying why")
case('init_returns_nonsense', USAGE, "plugin 'zoo': breach of contract: etl_plugin_init returned 42")
case('init_fails_but_says_ok', USAGE, "plugin 'zoo': the first reason")
case('init_exits', STOPPED, "plugin 'zoo', etl_plugin_init: called exit()")
case('init_crashes', signal.SIGSEGV, "plugin 'zoo', etl_plugin_init: crashed (SIGSEGV)")
case('init_loops', STOPPED, "plugin 'zoo', etl_plugin_init: hangs (handler_timeout): no return for 0.2 s",
     settings='handler_timeout: 200ms')
case('registers_nothing', USAGE, "plugin 'zoo': registers nothing: etl_plugin_init has to register a handler or a reducer")
case('registers_twice', USAGE, "plugin 'zoo': registers handler 'buy' for event type 'buy' twice")
case('null_event_type', USAGE, "plugin 'zoo': registers a handler, but its .event_type is NULL")
case('null_handle', USAGE, "plugin 'zoo': registers a handler for event type 'trade', but its .handle is NULL")
case('null_handler', USAGE, "plugin 'zoo': registers a handler that is NULL")
case('null_field_name', USAGE, "event 'event', field 1: the name is NULL")
case('null_reduce', USAGE, "plugin 'zoo': registers a reducer for effect 'position', but its .reduce is NULL")
case('good calls_itself_good', USAGE, "calls itself 'good', as plugin '", "one of them needs another name")
case('good disagrees', USAGE, "'good'", "'zoo'", "'position'", "'amount'")
case('longer_handler', DONE, positions=BOTH)
case('longer_handler_used', USAGE, "etl_handler uses members beyond")
case('short_handler', USAGE, "etl_handler has 16 bytes")
case('configured', DONE, "etl-host: info: plugin 'zoo': limit is 9\n", config='{limit: 9}',
     positions=HEADER + '9,A,0.5\n9,B,0.5\n')
case('configured', USAGE, "pipeline.yaml:4:", "'limt'", "'limit'", config='{limt: 9}', name='configured_unknown_key')
case('configured', USAGE, "pipeline.yaml:4:", "'limit'", config='{limit: nine}', name='configured_ill_typed')

# Handlers: a refusal rejects the event, a breach stops the run.
case('emits_undeclared', STOPPED, BREACH + "emitted 'note', which it does not declare in .emits", 'log.jsonl:1')
case('removes_undeclared', STOPPED, BREACH + "removed 'note', which it does not declare in .emits")
case('looks_up_undeclared', STOPPED, BREACH + "looked up 'position', which it does not declare in .reads")
case('looks_up_wrong_row', STOPPED, BREACH + "looked up 'position' as a row that it does not have")
case('emits_null', STOPPED, BREACH + "emitted 'position' with a record that is NULL")
case('emits_null_effect', STOPPED, BREACH + "emitted an effect that is NULL")
case('rejects_without_text', STOPPED, BREACH + "returned ETL_REJECT without a reason")
case('rejects_with_empty_text', STOPPED, BREACH + "refused the event without a reason")
case('returns_seven', STOPPED, BREACH + "returned 7, which is none of ETL_OK, ETL_REJECT and ETL_FAIL")
case('fails', STOPPED, "plugin 'zoo', handler 'trade': the price list is from 1999")
case('fails_silently', STOPPED, "plugin 'zoo', handler 'trade': failed without saying why")
case('fails_after_refusal', STOPPED, "handler 'trade': failed without saying why, after the event was refused: ")
case('emits_then_refuses', REJECTS, positions=HEADER + '2,B,2\n',
     rejects=('"reason":"A is not traded","plugin":"zoo","handler":"trade"',))
case('good emits_then_refuses', REJECTS, positions=HEADER + '2,B,4\n', rejects=('"A is not traded"',),
     log=(TRADE_A, TRADE_B), name='refusal_drops_effects_of_all')
case('emits_after_refusal', REJECTS, positions=HEADER, rejects=('"A is not traded"', '"B neither"'))
case('emits_on', REJECTS, positions=HEADER + '2,B,12\n', rejects=('"line":1,', '"line":3,', '"A is not traded"'),
     log=(TRADE_A, TRADE_B) * 2)
case('emits_on', STOPPED, "plugin 'zoo', handler 'trade#2': C is the end", log=(TRADE_B, TRADE_B.replace('"B"', '"C"')),
     name='emits_on_after_the_end')
case('rejects_with_bad_text', REJECTS, positions=HEADER, rejects=('"not é but \N{REPLACEMENT CHARACTER}"',))
case('keeps_context', STOPPED, BREACH + "its context was used after the handler had returned, or by another thread")
case('lends_context', STOPPED, BREACH + "its context was used after the handler had returned, or by another thread")
MISUSED = BREACH + 'its context was used after the handler had returned, or by another thread'
WROTE = "etl-host: error: plugin 'zoo', handler 'trade': breach of contract: wrote to a context, which is the host's on log.jsonl:"
for threads in 1, 3:
    settings = f'threads: {threads}'
    case('keeps_context', STOPPED, MISUSED, settings=settings, block_bytes=1, name=f'keeps_context_{threads}')
    for how, says in dict(zeros=WROTE, ones=WROTE, far=WROTE, data=WROTE, copy=MISUSED, nothing=MISUSED, reducer=MISUSED,
                          thread=MISUSED, later=MISUSED).items():
        case('misuses_context', STOPPED, says, config=f'{{how: {how}}}', settings=settings, block_bytes=1,
             name=f'misuses_context_{how}_{threads}')
case('misuses_context', STOPPED, MISUSED, config='{how: reducer}', log=(TRADE_A,), name='misuses_context_on_last_line')
case('keeps_host', REJECTS, positions=HEADER, rejects=('"init is over"',))
case('mutates_event good', DONE, positions=BOTH)
case('floods', REJECTS, positions=HEADER + '1,B,65536\n', rejects=('65536',))
case('emits_bad_text', REJECTS, positions=HEADER, rejects=('UTF-8',))
case('emits_json_null', REJECTS, positions=HEADER, rejects=("field 'value' is null",))
case('emits_nan', REJECTS, positions=HEADER, rejects=('amount',))
case('hoards_memory', STOPPED, DIED + 'asked for 9223372036854775807 bytes of memory at once')
case('takes_descriptors', STOPPED, "etl-host: error: cannot write 'rejects.jsonl': something else in this process closed it, or put "
     "another file in its place")
case('takes_input', STOPPED, "etl-host: error: cannot read 'log.jsonl' at byte ", ': something else in this process closed it',
     settings='threads: 1', log=(TRADE_A,) * 20000)
case('uses_memory', DONE, "etl-host: warning: plugin 'zoo', handler 'trade', log.jsonl:2: two lines\n", positions=BOTH)
case('two_files', DONE, positions=BOTH)
case('reads_other_partition', REJECTS, settings='state: {partition_by: account_id}', positions=HEADER + '1,A,1\n',
     rejects=("partition key 'account_id' of effect 'position' is 7, but the event's is 2",))
case('reads_other_partition', DONE, positions=HEADER + '1,A,1\n', name='without_partition')
case('key_without_data', REJECTS, positions=HEADER + '1,A,1\n', rejects=("field 'ticker' has a size but no data",))
case('key_without_data', REJECTS, settings='state: {partition_by: ticker}', positions=HEADER + '1,A,1\n',
     rejects=("field 'ticker' has a size but no data",), name='partition_key_without_data')
case('reads_other_partition', USAGE, "pipeline.yaml:", "partition_by 'amount' is no key field of effect 'position'",
     settings='state: {partition_by: amount}', name='partition_by_no_key')

# Death: named, cleaned up after, and passed on.
case('handler_exits', STOPPED, DIED + 'called exit()' + ON_A)
case('handler_exits_quickly', STOPPED, DIED + 'called exit()' + ON_A)
case('thread_exits', STOPPED, 'etl-host: error: a thread that a plugin started called exit()\n')
case('thread_crashes', signal.SIGABRT, 'etl-host: error: a thread that a plugin started crashed (SIGABRT)\n')
case('thread_local_crashes', signal.SIGABRT, 'etl-host: error: etl-host itself crashed (SIGABRT) while ending a thread, where '
     'thread-local destructors of plugins run; ', settings='state: {partition_by: ticker}\nthreads: 8',
     log=[f'{{"event_type":"trade","account_id":1,"ticker":"{n}","amount":1}}' for n in range(300)])
case('ends_thread', STOPPED, DIED + 'ended its thread' + ON_A, settings='handler_timeout: 0')
case('raises_signal', signal.SIGUSR1, DIED + 'ended the process with a signal' + ON_A)
case('child_comes_back', DONE, DIED + 'forked, and the child came back', positions=BOTH)
case('handler_crashes', signal.SIGSEGV, DIED + 'crashed (SIGSEGV)' + ON_B)
case('handler_aborts', signal.SIGABRT, DIED + 'crashed (SIGABRT)' + ON_A)
case('handler_divides_by_zero', signal.SIGFPE, DIED + 'crashed (SIGFPE)' + ON_A)
case('handler_overflows', signal.SIGSEGV, DIED + 'crashed (SIGSEGV)' + ON_A)
case('handler_loops', STOPPED, DIED + 'hangs (handler_timeout): no return for 0.2 s' + ON_A, settings='handler_timeout: 200ms')
case('reducer_crashes', signal.SIGSEGV, "etl-host: error: plugin 'zoo', reducer 'position': crashed (SIGSEGV)" + ON_B)
case('reducer_leaves_nan', STOPPED, "plugin 'zoo'", "'position'", 'log.jsonl:2')


def write_files(folder, zoo, test):
    if test['cut']:
        with open(f'{zoo}/{test["plugins"][0]}.so', 'rb') as file:
            start = file.read(test['cut'])
        zoo = folder
        with open(f'{zoo}/{test["plugins"][0]}.so', 'wb') as file:
            file.write(start)
    lines = ['source: {path: log.jsonl}', 'plugins:']
    for name in test['plugins']:
        lines += [f'  - path: {zoo}/{name}.so'] + ([f'    config: {test["config"]}'] if test['config'] else [])
    lines += ['sinks: [{state: position, format: csv, path: positions.csv}]', 'rejects: {path: rejects.jsonl}', test['settings']]
    for name, text in ('pipeline.yaml', lines), ('log.jsonl', test['log']):
        with open(os.path.join(folder, name), 'w') as file:
            file.write('\n'.join(text) + '\n')


def read(folder, name):
    if not os.path.exists(os.path.join(folder, name)):
        return '(no such file)'
    with open(os.path.join(folder, name), encoding='utf-8') as file:
        return file.read()


def check(test, folder, run):
    """What is wrong, or nothing."""
    ends = -test['ends'] if isinstance(test['ends'], signal.Signals) else test['ends']
    if run.returncode != ends:
        yield f'ended with {run.returncode}, not {ends}'
    yield from (f'does not say: {text}' for text in test['says'] if text not in run.stderr)
    published = {name for name in os.listdir(folder) if name not in ('pipeline.yaml', 'log.jsonl') and not name.endswith('.so')}
    expected = {'positions.csv', 'rejects.jsonl'} if ends in (DONE, REJECTS) else set()
    # A run that stops publishes the rejects before the logline that stopped it.
    keeps_rejects = ends == STOPPED and published == {'rejects.jsonl'} and not test['says'][0].startswith(DIED)
    if published != expected and not keeps_rejects:
        yield f'leaves {sorted(published)}, not {sorted(expected)}'
    if test['positions'] is not None and read(folder, 'positions.csv') != test['positions']:
        yield f'positions are {read(folder, "positions.csv")!r}'
    rejects = read(folder, 'rejects.jsonl')
    yield from (f'rejects lack {text}: {rejects}' for text in test['rejects'] if text not in rejects)


def play(host, zoo, test):
    with tempfile.TemporaryDirectory() as folder:
        write_files(folder, zoo, test)
        environment = dict(os.environ, ETL_HOST_BLOCK_BYTES=test['block_bytes'])
        run = subprocess.run([host, 'pipeline.yaml'], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding='utf-8',
                             errors='replace', timeout=120)
        wrong = list(check(test, folder, run))
        if wrong:
            print(f'not ok: {test["name"]}', *wrong, f'standard error:\n{run.stderr}', sep='\n    ')
        return not wrong


def main():
    host, zoo = (os.path.abspath(path) for path in sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    chosen = [test for test in cases if not sys.argv[3:] or test['name'] in sys.argv[3:]]
    failed = [test['name'] for test in chosen if not play(host, zoo, test)]
    print(f'{len(chosen) - len(failed)} of {len(chosen)} cases as they should be')
    return 1 if failed or not chosen else 0


sys.exit(main())
