# SPDX-License-Identifier: MIT
"""The plugins of the oracle, again, in Python: the effects they declare, the fields they ask for, and a twin of each handler."""

from values import Invalid, decimal_add, decimal_multiply, decimal_negate, decimal_value, from_json, order
import strict_json


class Stopped(Exception):
    pass


# ---- effects: column, kind, role; 'optional' last where an effect may leave it out

def columns(text):
    return [tuple(line.split()) for line in text.split(',')]


EFFECTS = {
    'trace': columns('k string key, by string last, origin string first, steps int64 count, note string last optional'),
    'calc': columns('op string key, total decimal sum, least decimal min, most decimal max, latest decimal last'),
    'whole': columns('k string key, total int64 sum'),
    'fill': columns('k string key, q int64 value, p decimal value, w string value optional'),
    'folds': columns('''s string key, n int64 count,
        sum_i int64 sum, last_i int64 last, first_i int64 first, min_i int64 min, max_i int64 max,
        sum_d double sum, last_d double last, first_d double first, min_d double min, max_d double max,
        sum_m decimal sum, last_m decimal last, first_m decimal first, min_m decimal min, max_m decimal max,
        last_s string last, first_s string first, min_s string min, max_s string max,
        last_b bool last, first_b bool first, min_b bool min, max_b bool max,
        last_t timestamp last, first_t timestamp first, min_t timestamp min, max_t timestamp max,
        last_j json last, first_j json first'''),
    'keys': columns('b bool key, m decimal key, t timestamp key, i int64 key, s string key, n int64 count'),
    'by_m': columns('m decimal key, n int64 count'),
    'by_t': columns('t timestamp key, n int64 count'),
    'by_i': columns('i int64 key, n int64 count'),
    'by_b': columns('b bool key, n int64 count'),
    'rare': columns('''k string key, sum_i int64 sum optional, max_i int64 max optional, n int64 count optional,
        sum_d double sum optional, min_d double min optional, last_b bool last optional, max_b bool max optional,
        sum_m decimal sum optional, first_m decimal first optional, max_m decimal max optional, last_s string last optional,
        first_s string first optional, min_s string min optional, min_t timestamp min optional, max_ms timestamp max optional,
        last_j json last optional, first_j json first optional'''),
    'visit': columns('''id int64 key, type string last, name string last optional, dotted decimal sum optional,
        actor json last optional, z int64 max optional, w int64 min optional'''),
    'ping': columns('all bool key, n int64 count'),
    'tick': columns('i int64 key, n int64 count'),
    'held': columns('k string key, d double last, m decimal last, s string last, j json last'),
    'answer': columns('''k string key, mode string key, found bool last, text string last optional, n int64 last, m decimal last,
        d double last, asked int64 count'''),
    'level': columns('product string key, side string key, price decimal key, size decimal last'),
    'entry': columns('''account_id int64 key, memo string key, price decimal key, amount decimal sum, newest string last,
        oldest string first, least string min, most string max, n int64 count'''),
    'flow': columns('to int64 key, amount decimal sum, seen decimal last, before string last, n int64 count'),
    'merged': columns('''k string key, n int64 count,
        sum_i int64 sum, min_i int64 min, max_i int64 max, first_i int64 first, last_i int64 last,
        sum_m decimal sum, min_m decimal min, max_m decimal max, first_m decimal first, last_m decimal last,
        min_s string min, max_s string max, first_s string first, last_s string last,
        min_b bool min, max_b bool max, first_b bool first, last_b bool last,
        min_t timestamp min, max_t timestamp max, first_t timestamp first, last_t timestamp last,
        first_d double first, last_d double last, first_j json first, last_j json last,
        n_oi int64 count optional, sum_oi int64 sum optional, min_oi int64 min optional, max_oi int64 max optional,
        sum_om decimal sum optional, min_om decimal min optional, max_om decimal max optional,
        min_os string min optional, max_os string max optional, min_ob bool min optional, max_ob bool max optional,
        min_ot timestamp min optional, max_ot timestamp max optional'''),
    'price': columns('k string key, latest decimal last'),
    'opened': columns('i int64 key, total decimal sum, earliest int64 first'),
    'peak': columns('i int64 key, k string key, total decimal sum, most int64 max'),
    'spoiled': columns('i int64 key, id int64 value, how int64 value'),
    'heap': columns('i int64 key, id int64 value, how int64 value'),
}

# What a reducer keeps instead, beside the keys.
ROWS = {
    'fill': columns('''fills int64 field, best decimal field, parity string field, longest string field optional,
        mean double field'''),
    'spoiled': columns('count int64 field, one double field, other decimal field'),
    'heap': columns('count int64 field, one double field, other decimal field'),
}


def reduce_fill(row, effect):
    """The new row; `row` is None where there was none."""
    row = dict(row or {'fills': 0, 'best': (0, 0), 'parity': b'', 'longest': None, 'mean': 0.0})
    row['fills'] += 1
    if row['fills'] == 1 or order('decimal', effect['p']) > order('decimal', row['best']):
        row['best'] = effect['p']
    row['parity'] = b'odd' if row['fills'] % 2 else b'even'
    if effect['w'] is not None and (row['longest'] is None or len(effect['w']) > len(row['longest'])):
        row['longest'] = effect['w']
    row['mean'] = row['mean'] / 2 + float(effect['q']) / 2
    return row


def reduce_spoil(row, effect):
    row = dict(row or {'count': 0, 'one': 0.0, 'other': (0, 0)})
    row['count'] += 1
    row['one'] = float('nan') if effect['how'] == 1 else row['one'] + effect['how'] / 4
    if effect['how'] == 2:
        row['other'] = None
    return row


REDUCERS = {'fill': reduce_fill, 'spoiled': reduce_spoil, 'heap': reduce_spoil}

# ---- handlers. A twin gets a context with emit, remove, lookup, refuse, and the event as a dict; absent is None.

def handle_all(context, e):
    values = {name: e[name[-1]] for name, _, role, *_ in EFFECTS['folds'] if role not in ('key', 'count')}
    context.emit('folds', s=e['s'], **values)
    context.emit('keys', b=e['b'], m=e['m'], t=e['t'], i=e['i'], s=e['s'])
    if e['refuse']:
        return context.refuse()
    for letter in 'mtib':
        context.emit('by_' + letter, **{letter: e[letter]})


def handle_maybe(context, e):
    sources = {'n': 'i', 'max_ms': 'ms'}
    values = {name: e[sources.get(name, name[-1])] for name, *_ in EFFECTS['rare'][1:]}
    context.emit('rare', k=e['k'], **values)


def handle_path(context, e):
    context.emit('visit', **e)


def handle_ping(context, e):
    context.emit('ping', all=True)


def handle_step(context, e):
    context.emit('trace', k=e['k'], by=b'first', origin=b'first', note=None)
    if e['refuse'] in (b'first', b'quietly'):
        context.refuse()


def leave_trace(context, k, by):
    context.emit('trace', k=k, by=by, origin=by, note=by)


def handle_drop(context, e):
    mode = e['mode']
    if mode & 1:
        leave_trace(context, e['k'], b'before')
    if mode & 2:
        context.remove('trace', k=e['k'])
    if mode & 4:
        leave_trace(context, e['k'], b'after')
    if mode & 8:
        context.remove('trace', k=b'nobody')
    if mode & 16:
        context.refuse()


def handle_calc(context, e):
    a, b = e['a'], e['b'] or (0, 0)
    result = {b'add': lambda: decimal_add(a, b), b'subtract': lambda: decimal_add(a, decimal_negate(b)),
              b'multiply': lambda: decimal_multiply(a, b), b'negate': lambda: decimal_negate(a)}.get(e['op'], lambda: a)()
    context.emit('calc', op=e['op'], total=result, least=result, most=result, latest=result)


def handle_whole(context, e):
    context.emit('whole', k=e['k'], total=e['i'])


def handle_many(context, e):
    for i in range(min(e['n'], 70000)):
        context.emit('tick', i=i % 7)


def handle_bad(context, e):
    held = {'k': e['what'], 'd': 0.0, 'm': (0, 0), 's': b'', 'j': b'{}'}
    wrong = {b'key': ('k', b'\xC3'), b'nan': ('d', float('nan')), b'infinite': ('d', float('inf')), b'decimal': ('m', None),
             b'string': ('s', b'a\xED\xA0\x80'), b'json': ('j', b'{]')}.get(e['what'])
    if wrong:
        held[wrong[0]] = wrong[1]
    context.emit('held', **held)


def handle_stop(context, e):
    leave_trace(context, e['k'], b'stop')
    raise Stopped()


def second(me, with_calc):
    def handle(context, e):
        if with_calc:
            context.emit('calc', op=b'step', total=e['n'], least=e['n'], most=e['n'], latest=e['n'])
        context.emit('trace', k=e['k'], by=me, origin=me, note=e['note'])
        if e['refuse'] == me:
            context.refuse()
    return handle


def handle_fill(context, e):
    if e['again']:
        context.remove('fill', k=e['k'])
    context.emit('fill', k=e['k'], q=e['q'], p=e['p'], w=e['w'])


def handle_ask(context, e):
    k, mode = e['k'], e['mode']
    answer = {'found': False, 'text': None, 'n': 0, 'm': (0, 0), 'd': 0.0}
    if mode == b'trace':
        context.emit('trace', k=k, by=b'ask', origin=b'ask', note=None)
        row = context.lookup('trace', k=k)
        if row:
            answer.update(found=True, text=row['note'], n=row['steps'])
    elif mode == b'nobody':
        row = context.lookup('trace', k=b'nobody')
        if row:
            answer.update(found=True, text=row['note'], n=row['steps'])
    elif mode == b'fill':
        row = context.lookup('fill', k=k)
        if row:
            answer.update(found=True, text=row['longest'], n=row['fills'], m=row['best'], d=row['mean'])
    elif mode == b'calc' and 'calc' in context.reads:
        row = context.lookup('calc', op=k)
        if row:
            answer.update(found=True, m=row['total'])
    elif mode == b'whole':
        row = context.lookup('whole', k=k)
        if row:
            answer.update(found=True, n=row['total'])
    else:
        return context.refuse()
    if e['strict'] and not answer['found']:
        return context.refuse()
    context.emit('answer', k=k, mode=mode, **answer)


def handle_book(context, e):
    book = strict_json.parse(e['changes'])
    if book[0] != 'array':
        return context.refuse()
    for change in book[1]:
        handle_change(context, e['product'], change)


def handle_change(context, product, change):
    if change[0] != 'array' or len(change[1]) != 3 or change[1][0][0] != 'string':
        return context.refuse()
    try:
        price, size = (from_json(item, 'decimal') for item in change[1][1:])
    except Invalid:
        return context.refuse()
    if size == (0, 0):
        context.remove('level', product=product, side=change[1][0][1], price=price)
    else:
        context.emit('level', product=product, side=change[1][0][1], price=price, size=size)


def handle_transfer(context, e):
    mode = e['mode']
    keys = {'account_id': e['to'] if mode & 1 else e['account_id'],
            'memo': b"another memo than the event's" if mode & 2 else e['memo'],
            'price': decimal_negate(e['price']) if mode & 4 else e['price']}
    row = context.lookup('entry', **keys) if mode & 8 else None
    if mode & 32 and (not row or decimal_value(row['amount']) < decimal_value(e['amount'])):
        return context.refuse()
    context.emit('flow', to=e['to'], amount=e['amount'], seen=row['amount'] if row else (0, 0),
                 before=row['newest'] if row else b'')
    if mode & 16:
        return context.remove('entry', **keys)
    note = e['note']
    context.emit('entry', amount=e['amount'], newest=note, oldest=note, least=note, most=note, **keys)


def handle_part(context, e):
    mode = e['mode']
    if mode & 1:
        context.remove('merged', k=e['k'])
    if not mode & 4:
        values = {name: e[name.rpartition('_')[2]] for name, _, role, *optional in EFFECTS['merged'][1:]
                  if role != 'count' or optional}
        context.emit('merged', k=e['k'], **values)
    if mode & 2:
        context.remove('merged', k=e['k'])


def remainder(a, b):
    """As C has it."""
    return a % b if a >= 0 else -(-a % b)


def handle_price(context, e):
    if remainder(e['i'], 16) == 15:
        return context.remove('price', k=e['k'])
    context.emit('price', k=e['k'], latest=e['m'])


def handle_open(context, e):
    context.emit('opened', i=remainder(e['i'], 8), total=e['m'], earliest=e['i'])


def handle_peak(context, e):
    for i in range(3):
        context.emit('peak', i=i, k=e['k'], total=e['m'], most=e['i'])


def handle_spoil(context, e):
    mode, i, event = e['mode'], e['i'], e['id']
    row = context.lookup('spoiled', i=i) if 'spoiled' in context.reads else None
    if row and mode & 1024:
        return context.refuse()
    if mode & 1:
        context.remove('spoiled', i=i)
    context.emit('spoiled', i=i, id=event, how=mode >> 2 & 3)
    count = 70 if mode & 2 else 3
    for n in range(count):
        context.emit('heap', i=n, id=event, how=mode >> 4 & 3 if n == 1 else mode >> 6 & 3 if n == count - 1 else 0)
    if mode & 256:
        context.remove('heap', i=1)
    if mode & 512:
        context.refuse()


# ---- what is registered, in order: event type, plugin, handler, twin, fields as: member, kind, path, 'optional', unit

def fields(text):
    rows = []
    for line in text.split(','):
        words = line.split()
        name, kind, options = words[0], words[1], words[2:]
        path = next((word[3:] for word in options if word.startswith('at=')), name)
        unit = next((int(word[5:]) for word in options if word.startswith('unit=')), 10**9)
        rows.append((name, kind, split_path(path), 'optional' in options, unit))
    return rows


def split_path(path):
    """Keys joined by dots; a backslash takes the next character as it is."""
    keys, key, escaped = [], '', False
    for letter in path:
        if escaped or letter not in '.\\':
            key, escaped = key + letter, False
        elif letter == '\\':
            escaped = True
        else:
            keys, key = keys + [key], ''
    return [each.encode('utf-8') for each in keys + [key]]


PATH_FIELDS = fields('''id int64 at=actor.id, name string at=actor.name optional, dotted decimal at=a\\.b.c optional,
    actor json at=actor optional, z int64 at=x.y.z optional, w int64 at=x.y.w optional, type type''')
QUOTE_FIELDS = fields('k string, i int64, m decimal')
SECOND_FIELDS = fields('refuse string optional, note string optional, n decimal, k string')

HANDLERS = [
    ('all', 'kinds', 'all', handle_all, fields('''s string, i int64, d double, b bool, m decimal, t timestamp, j json,
        refuse bool optional''')),
    ('maybe', 'kinds', 'maybe', handle_maybe, fields('''k string, s string optional, i int64 optional, d double optional,
        b bool optional, m decimal optional, t timestamp optional, ms timestamp at=t_ms unit=1000000 optional,
        j json optional''')),
    ('path', 'kinds', 'path', handle_path, PATH_FIELDS),
    ('p\u00E4th\n', 'kinds', 'odd path', handle_path, PATH_FIELDS),
    ('ping', 'kinds', 'ping', handle_ping, []),
    ('step', 'first', 'step', handle_step, fields('k string, refuse string optional')),
    ('drop', 'first', 'drop', handle_drop, fields('k string, mode int64')),
    ('calc', 'first', 'calc', handle_calc, fields('op string, a decimal, b decimal optional')),
    ('whole', 'first', 'whole', handle_whole, fields('k string, i int64')),
    ('many', 'first', 'many', handle_many, fields('n int64')),
    ('bad', 'first', 'bad', handle_bad, fields('what string')),
    ('stop', 'first', 'stop', handle_stop, fields('k string')),
    ('step', 'second', 'a', second(b'second a', False), SECOND_FIELDS),
    ('step', 'second', 'b', second(b'second b', True), SECOND_FIELDS),
    ('fill', 'reduce', 'fill', handle_fill, fields('k string, w string optional, q int64, p decimal, again bool optional')),
    ('ask', 'ask', 'ask', handle_ask, fields('k string, mode string, strict bool optional')),
    ('book', 'book', 'book', handle_book, fields('product string, changes json')),
    ('part', 'merge', 'part', handle_part, fields('''k string, s string, i int64, mode int64, d double, b bool, m decimal,
        t timestamp, j json, os string optional, oi int64 optional, ob bool optional, om decimal optional,
        ot timestamp optional''')),
    ('quote', 'merge', 'price', handle_price, QUOTE_FIELDS),
    ('quote', 'merge', 'open', handle_open, QUOTE_FIELDS),
    ('quote', 'merge', 'peak', handle_peak, QUOTE_FIELDS),
    ('spoil', 'spoil', 'spoil', handle_spoil, fields('i int64, id int64, mode int64')),
    ('transfer', 'ledger', 'transfer', handle_transfer, fields('''account_id int64, to int64, mode int64, memo string,
        note string, price decimal, amount decimal''')),
]
PLUGINS = {'kinds': ['folds', 'keys', 'by_m', 'by_t', 'by_i', 'by_b', 'rare', 'visit', 'ping'],
           'first': ['trace', 'calc', 'whole', 'tick', 'held'], 'second': [], 'reduce': ['fill'], 'ask': ['answer'],
           'book': ['level'], 'merge': ['merged', 'price', 'opened', 'peak'], 'ledger': ['entry', 'flow'],
           'spoil': ['spoiled', 'heap']}  # and the effects that it declares first

# ---- which of them play together: plugins, the tables that their handlers read, and partition_by

ALONE = ['kinds', 'first', 'second', 'reduce', 'book', 'merge']
PIPELINES = [
    (ALONE, [], None),
    (ALONE, [], None),
    (['kinds', 'first', 'second', 'book', 'merge'], [], None),
    (ALONE[:4] + ['ask', 'book'], ['trace', 'fill', 'calc', 'whole'], None),
    (ALONE[:4] + ['ask', 'book'], ['trace', 'fill', 'whole'], 'k'),
    (ALONE + ['ledger'], ['entry'], None),
    (ALONE + ['ledger'], ['entry'], 'account_id'),
    (ALONE + ['ledger'], ['entry'], 'memo'),
    (ALONE + ['ledger'], ['entry'], 'price'),
    (ALONE + ['spoil'], [], None),
    (ALONE + ['spoil'], ['spoiled'], None),
    (ALONE + ['spoil'], ['spoiled'], 'i'),
    (['first', 'spoil'], ['spoiled'], 'i'),
]
