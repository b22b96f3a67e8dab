# SPDX-License-Identifier: MIT
"""Random hostile logs, the same for the same seed."""

BOM = b'\xEF\xBB\xBF'
NEAR_INT64 = ['9223372036854775807', '-9223372036854775808', '9223372036854775808', '-9223372036854775809',
              '922337203685477580700e-2', '92233720368547758e2', '9223372036854775807.0', '9223372036854775807.5',
              '18446744073709551616', '1e18', '1e19', '-1e19']
ODD_NUMBERS = ['0', '-0', '0.0', '-0.0', '0e0', '-0e5', '0e999999999999999999999', '0.000e-99999999999', '2.0', '2e3', '2E+3',
               '20e-1', '2.5', '1e400', '-1e400', '1e-400', '5e-324', '1.7976931348623157e308', '1.7976931348623159e308', '1e308',
               '0.1', '1.0', '1.00', '1.10', '100', '1e99999999999999999999', '1e-99999999999999999999', '123456789.987654321',
               '-0.000', '4.35', '1e22', '1e23', '9007199254740993', '9007199254740992.5', '2.2250738585072011e-308', '0.1e1',
               '10e-1', '1000e-3']
NEAR_DECIMAL = ['9' * 38, '-' + '9' * 38, '1' + '0' * 38, '1' + '0' * 37, '9' * 39, '0.' + '9' * 38, '0.' + '0' * 37 + '1',
                '0.' + '0' * 38 + '1', '1e37', '1e38', '1e-38', '1e-39', '10e-39', '9' * 37 + '.9', '9' * 38 + '.0',
                '9' * 38 + '.1', '0.' + '0' * 100, '1.' + '0' * 100, '1' + '0' * 50 + 'e-50', '0.' + '0' * 30 + '1e30',
                '12345678901234567890.123456789012345678', '-1e-38', '1.' + '0' * 37 + '1', '1.' + '0' * 36 + '1',
                '340282366920938463463374607431768211456', '18446744073709551615', '18446744073709551616']
BAD_NUMBERS = ['01', '-01', '1.', '.5', '+1', '0x1', '1e', '1e+', '--1', '-', 'NaN', 'Infinity', '1_0', '1,', '00', '1e1.5']
BAD_VALUES = ['tru', 'nul', 'True', 'undefined', "'a'", '{', '[', '}', ']', '""""', '[1,]', '{"a":1,}', '{"a"}', '{a:1}', '[1 2]',
              '{,}', '']
TIMES = ['1970-01-01T00:00:00Z', '2024-02-29T23:59:59.999999999Z', '2023-02-29T00:00:00Z', '2024-01-01T00:00:00+05:30',
         '2024-01-01T00:00:00-00:00', '2024-01-01T00:00:00.1Z', '2024-01-01T00:00:00.10Z', '2024-01-01T00:00:00.1234567891Z',
         '2024-01-01T00:00:00.Z', '2024-01-01T00:00:00', '2024-01-01', '2024-1-1T00:00:00Z', '2262-04-11T23:47:16.854775807Z',
         '2262-04-11T23:47:16.854775808Z', '1677-09-21T00:12:43.145224192Z', '1677-09-21T00:12:43.145224191Z',
         '9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z', '1969-12-31T23:59:59.5Z', '2024-13-01T00:00:00Z', '2024-00-01T00:00:00Z',
         '2024-04-31T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T23:60:00Z', '2024-01-01T00:00:00+24:00',
         '1900-02-29T00:00:00Z', '2000-02-29T00:00:00Z', ' 2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z ', '', '5',
         '2024-01-01T00:00:00+0530', '2024-01-01T00:00:00+05', '2016-12-31T23:59:60Z', '2016-12-31T23:58:60Z',
         '2017-01-01T00:59:60.5+01:00', '2016-12-31T23:59:61Z', '2024-01-01t00:00:00z', '2024-01-01 00:00:00Z',
         '2024-01-01_00:00:00Z', '2024-01-01T00:00:00\\u005a', '2024-01-01T00:00:00+00:60', '0000-01-01T00:00:00Z',
         '2024-01-01T00:00:00,5Z', '2024-01-01T00:00Z', '2024-01-01T00:00:00-23:59']
WORDS = [b'a', b'b', b'c', b'', b'GOOG', b'CASH', b'\xC3\xA9', b'\xE2\x82\xAC', b'\xF0\x9F\x98\x80', b'with,comma',
         b'with "quotes"', b'line\nbreak', b'tab\tcr\r', b'\x00', b'nul\x00inside', b'fifteen bytes!!', b'sixteen bytes!!!',
         b'seventeen bytes!!', b'fourteen byte!', b'a' * 40, b'a' * 41, b' lead', b'\\', b'/', b'\x7F', b'\xEF\xBB\xBF',
         b'\xC2\x80', b'\xEF\xBF\xBF', b'\xF4\x8F\xBF\xBF', b'\x1F', b'true', b'0', b'a.b']
BAD_BYTES = [b'\xFF', b'\xC3', b'\xC0\x80', b'\xED\xA0\x80', b'\xF4\x90\x80\x80', b'\x80', b'\xE2\x82', b'\xF0\x80\x80\x80',
             b'\x00', b'\x01', b'\x1F', b'\t', b'\r']
BAD_ESCAPES = [b'\\uD800', b'\\uDC00', b'\\uD800\\u0041', b'\\uD83D\\uD83D', b'\\u12', b'\\u12G4', b'\\x41', b'\\', b'\\a',
               b'\\U0041', b'\\uDC00\\uD800', b'\\ud800\\n', b"\\'"]
KINDS = [('s', 'string'), ('i', 'int64'), ('d', 'double'), ('b', 'bool'), ('m', 'decimal'), ('t', 'timestamp'), ('j', 'json')]


class Log:
    def __init__(self, random, max_line, event_type_path):
        self.random = random
        self.max_line = max_line
        self.event_type_path = event_type_path
        self.transfers = random.choice([1, 1, 15])
        self.parts = random.choice([1, 2, 8])
        self.spoils = random.choice([1, 8, 40])
        self.distinct = random.choice([0, 0, 0.3, 0.9])  # how often a text is one of very many, so that tables grow

    def chance(self, of):
        return self.random.random() < of

    def pick(self, items):
        return self.random.choice(items)

    # ---- texts

    def letter(self, point, form):
        """One character of a string, as itself or escaped."""
        short = {0x22: '\\"', 0x5C: '\\\\', 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r'}.get(point)
        if form == 'u' or point < 0x20 and not short:
            if point >= 0x10000:
                high, low = 0xD800 + (point - 0x10000 >> 10), 0xDC00 + (point - 0x10000 & 0x3FF)
                return self.pick(['\\u%04x\\u%04X', '\\u%04X\\u%04x']) % (high, low)
            return self.pick(['\\u%04x', '\\u%04X']) % point
        if short and (form != 'plain' or point < 0x20 or point in (0x22, 0x5C)):
            return short
        return '\\/' if point == 0x2F and form == 'short' else chr(point)

    def quote(self, data):
        escaped = self.random.random() if self.chance(0.15) else 0
        letters = [self.letter(ord(each), self.pick(['u', 'short']) if self.chance(escaped) else 'plain')
                   for each in data.decode('utf-8')]
        return b'"' + ''.join(letters).encode('utf-8') + b'"'

    def word(self):
        if self.distinct and self.chance(self.distinct):
            return b'%0*x' % (self.random.randrange(40), self.random.randrange(1 << self.pick([4, 16, 64])))
        if self.chance(0.5):
            return self.pick(WORDS[:6])
        if self.chance(0.05):
            return b''.join(self.pick(WORDS) for _ in range(self.random.randrange(12)))
        return self.pick(WORDS)

    # ---- values

    def number(self, kind):
        if self.chance(0.7):
            text = str(self.random.randrange(-20, 200))
            if kind != 'int64' and self.chance(0.6):
                text += '.%d' % self.random.randrange(1000)
            return text
        if self.chance(0.15):
            digits = ''.join(self.pick('0123456789') for _ in range(self.random.randrange(1, 45))).lstrip('0') or '0'
            point = self.random.randrange(45)
            text = digits if point >= len(digits) else (digits[:-point or None] or '0') + ('.' + digits[-point:] if point else '')
            power = self.pick(['e', 'E']) + str(self.random.randrange(-45, 45)) if self.chance(0.3) else ''
            return self.pick(['', '-']) + text + power
        near = {'int64': NEAR_INT64, 'decimal': NEAR_DECIMAL}.get(kind, ODD_NUMBERS)
        return self.pick(near if self.chance(0.6) else self.pick([NEAR_INT64, ODD_NUMBERS, NEAR_DECIMAL]))

    def time(self, unit):
        if self.chance(0.4):
            return str(self.random.randrange(0, 2000000000) * 10**9 // unit).encode()
        if self.chance(0.1):
            return self.number('int64').encode()
        if self.chance(0.3):
            return b'"' + self.pick(TIMES).encode() + b'"'
        fraction = '.%0*d' % (digits, self.random.randrange(10**digits)) if (digits := self.random.randrange(10)) else ''
        date = '20%02d-%02d-%02d' % (self.random.randrange(100), self.random.randrange(1, 13), self.random.randrange(1, 29))
        time = '%02d:%02d:%02d' % (self.random.randrange(24), self.random.randrange(60), self.random.randrange(60))
        zone = self.pick(['Z', 'Z', '+01:00', '-11:30', '+23:59'])
        return ('"%sT%s%s%s"' % (date, time, fraction, zone)).encode()

    def nested(self, depth):
        """Any JSON."""
        choice = self.random.randrange(9 if depth else 6)
        if choice < 2:
            return self.number(self.pick(['int64', 'double', 'decimal'])).encode()
        if choice == 2:
            return self.pick([b'true', b'false', b'null'])
        if choice < 6:
            return self.quote(self.word())
        items = [self.nested(depth - 1) for _ in range(self.random.randrange(4))]
        if choice == 6:
            return b'[' + (self.space() + b',' + self.space()).join(items) + b']'
        return b'{' + b','.join(self.quote(self.word()) + self.space() + b':' + item for item in items) + self.space() + b'}'

    def deep(self):
        """Arrays and objects around the limit."""
        levels = self.random.randrange(120, 135)
        if self.chance(0.5):
            return b'[' * levels + b']' * levels
        return b'{"a":' * levels + b'1' + b'}' * levels

    def value(self, kind):
        if self.chance(0.02):
            return self.pick([b'null', b'{}', b'[]', b'""', b'true', b'0', b'"x"', b'{"a":1}'])
        if kind == 'string':
            return self.quote(self.word())
        if kind == 'bool':
            return self.pick([b'true', b'false'])
        if kind == 'timestamp':
            return self.time(10**9)
        if kind == 'timestamp_ms':
            return self.time(10**6)
        if kind == 'json':
            return self.nested(3) if self.chance(0.98) else self.deep()
        text = self.number(kind).encode()
        if kind == 'decimal' and self.chance(0.2):
            odd = [b'" 1"', b'"1 "', b'"+1"', b'""', b'"1."', b'"0x1"', b'"1\\u0030"', b'"-"', b'"1e"', b'"NaN"']
            return self.quote(text) if self.chance(0.9) else self.pick(odd)
        return text

    # ---- events: members as pairs of key and JSON text

    def event(self):
        kind = self.pick(['all', 'all', 'all', 'maybe', 'maybe', 'path', 'step', 'step', 'drop', 'calc', 'calc', 'whole', 'fill',
                          'ask', 'ask', 'book', 'ping', 'bad', 'other'] + ['transfer'] * self.transfers
                         + ['part', 'quoted'] * self.parts + ['spoil'] * self.spoils)
        return getattr(self, kind)()

    def some(self, of, name, value):
        return [(name, value)] if self.chance(of) else []

    def all(self):
        members = [(name, self.value(kind)) for name, kind in KINDS]
        return 'all', members + self.some(0.1, 'refuse', self.pick([b'true', b'false', b'null']))

    def maybe(self):
        members = [('k', self.value('string'))]
        for name, kind in KINDS + [('t_ms', 'timestamp_ms')]:
            members += self.some(0.35, name, self.value(kind) if self.chance(0.95) else b'null')
        return 'maybe', members

    def path(self):
        inner = [('id', self.number('int64').encode())] if self.chance(0.93) else []
        inner += self.some(0.5, 'name', self.value('string')) + self.some(0.1, 'extra', self.nested(2))
        inner += self.some(0.05, 'id', b'1') + self.some(0.05, 'name', b'null')
        members = [('actor', self.object(inner))] if self.chance(0.97) else []
        members += self.some(0.4, 'a.b', self.object([('c', self.value('decimal'))])) + self.some(0.1, 'a', b'{"b":{"c":7}}')
        y = self.object(self.some(0.7, 'z', self.value('int64')) + self.some(0.5, 'w', self.value('int64')))
        members += self.some(0.5, 'x', self.object(self.some(0.8, 'y', y)))
        odd = [b'5', b'null', b'{}', b'{"y":1}', b'{"y":null}', b'[{"y":{"z":1}}]', b'{"y":{},"y":{}}']
        members += self.some(0.03, 'x', self.pick(odd))
        members += self.some(0.03, 'actor', self.pick([b'{"id":1}', b'5', b'null', b'[]']))
        return self.pick(['path', 'path', 'p\u00E4th\n']), members

    def step(self):
        members = [('k', self.value('string')), ('n', self.value('decimal'))] + self.some(0.4, 'note', self.value('string'))
        who = self.pick([b'first', b'second a', b'second b', b'quietly', b'no', b''])
        return 'step', members + self.some(0.4, 'refuse', self.quote(who))

    def drop(self):
        return 'drop', [('k', self.value('string')), ('mode', str(self.random.randrange(16) + 16 * self.chance(0.1)).encode())]

    def calc(self):
        members = [('op', self.quote(self.pick([b'add', b'subtract', b'multiply', b'negate', b'same', b'step'])))]
        return 'calc', members + [('a', self.value('decimal'))] + self.some(0.9, 'b', self.value('decimal'))

    def whole(self):
        return 'whole', [('k', self.value('string')), ('i', self.value('int64'))]

    def fill(self):
        members = [('k', self.value('string')), ('q', self.value('int64')), ('p', self.value('decimal'))]
        members += self.some(0.6, 'w', self.value('string'))
        return 'fill', members + self.some(0.1, 'again', self.pick([b'true', b'false']))

    def ask(self):
        mode = self.pick([b'trace', b'fill', b'calc', b'whole', b'whole', b'other', b'nobody'])
        k = self.quote(self.pick([b'add', b'step', b'multiply', b'same'])) if mode == b'calc' else self.value('string')
        return 'ask', [('k', k), ('mode', self.quote(mode))] + self.some(0.3, 'strict', b'true')

    def book(self):
        changes = b'[' + self.space() + b','.join(self.change() for _ in range(self.random.randrange(5))) + b']'
        return 'book', [('product', self.value('string')), ('changes', changes if self.chance(0.95) else self.nested(2))]

    def change(self):
        if self.chance(0.05):
            return self.nested(2)
        size = self.pick([b'"0"', b'0', b'"0.00"', b'"1.5"']) if self.chance(0.5) else self.value('decimal')
        price = self.pick([b'"22.1"', b'"22.10"', b'22.1', b'23', b'"1e1"'])
        return b'[%s,%s,%s]' % (self.quote(self.pick([b'buy', b'sell'])), price, size)

    def transfer(self):
        account, to = (str(self.random.randrange(8)) if self.chance(0.95) else self.number('int64') for _ in range(2))
        bits = [(1, 0.1), (2, 0.05), (4, 0.05), (8, 0.5), (16, 0.08), (32, 0.2)]
        mode = str(sum(bit for bit, chance in bits if self.chance(chance)))
        memo = self.pick([b'rent', b'fifteen bytes!!', b'sixteen bytes!!!', b'a memo that is longer than any other', self.word()])
        price = self.pick([b'1', b'1.0', b'"1.00"', b'2.5', b'0', b'1e1', b'10', self.value('decimal')])
        members = [('account_id', account.encode()), ('to', to.encode()), ('mode', mode.encode()), ('memo', self.quote(memo))]
        return 'transfer', members + [('note', self.value('string')), ('price', price), ('amount', self.value('decimal'))]

    def part(self):
        members = [('k', self.value('string'))] + [(name, self.value(kind)) for name, kind in KINDS]
        members += [('mode', str(sum(bit for bit, chance in [(1, 0.06), (2, 0.04), (4, 0.04)] if self.chance(chance))).encode())]
        for name, kind in KINDS:
            if name not in 'dj':
                members += self.some(0.4, 'o' + name, self.value(kind))
        return 'part', members

    def spoil(self):
        """Few fail, for at the first the run ends."""
        bits = [(1, 0.1), (2, 0.05), (256, 0.1), (512, 0.05), (1024, 0.2)]
        bits += [(1 << n, 0.7) for n in range(2, 8)] if self.chance(0.02) else [(12, 0.1), (48, 0.1), (192, 0.1)]
        mode = sum(bit for bit, chance in bits if self.chance(chance))
        i = str(self.random.randrange(12)) if self.chance(0.95) else self.number('int64')
        event = self.random.randrange(1, 1 << 62)
        return 'spoil', [('i', i.encode()), ('id', str(event).encode()), ('mode', str(mode).encode())]

    def quoted(self):
        return 'quote', [('k', self.value('string')), ('i', self.value('int64')), ('m', self.value('decimal'))]

    def ping(self):
        return 'ping', []

    def bad(self):
        what = self.pick([b'key', b'nan', b'infinite', b'decimal', b'string', b'json', b'none', b'none'])
        return 'bad', [('what', self.quote(what))]

    def other(self):
        if self.chance(0.05):
            return 'many', [('n', self.pick([b'3', b'1000', b'65536', b'65537', b'-1', b'0']))]
        return self.pick(['', 'unknown', 'ALL', 'al', 'all ', 'path\x00', 'p\u00E4th']), self.some(0.5, 'k', self.nested(2))

    # ---- lines

    def space(self):
        count = self.random.randrange(1, 3) if self.chance(0.05) else 0
        return b''.join(self.pick([b' ', b'\t', b'\r', b'  ']) for _ in range(count))

    def escaped(self, key):
        return b'"' + b''.join(b'\\u%04x' % byte for byte in key.encode('ascii', 'replace')) + b'"'

    def object(self, members):
        out = []
        for key, value in members:
            key = self.quote(key.encode('utf-8')) if self.chance(0.97) else self.escaped(key)
            out.append(self.space() + key + self.space() + b':' + self.space() + value + self.space())
        return b'{' + b','.join(out) + (self.space() if not out else b'') + b'}'

    def typed(self, event_type, members):
        """With the event type where this log has it."""
        value = self.quote(event_type.encode('utf-8'))
        if self.chance(0.02):
            value = self.pick([b'1', b'null', b'["all"]', b'{}', b'true'])
        for key in reversed(self.event_type_path[1:]):
            value = self.object([(key, value)] + self.some(0.2, 'other', self.nested(1)))
        typed = [(self.event_type_path[0], value)] if self.chance(0.985) else []
        return typed + members + ([(self.event_type_path[0], value)] if self.chance(0.01) else [])

    def line(self):
        choice = self.random.random()
        if choice < 0.03:
            return self.pick([b'', b' ', b'\t \r ', b'\r', b'\r\r', b' ' * self.random.randrange(1, 30), b'\x0B', b'\xC2\xA0'])
        if choice < 0.05:
            return self.pick([b'{}', b'[]', b'1', b'"a"', b'null', b'{"event_type":"all"} x', b'{}{}',
                              b'\xEF\xBB\xBF{"event_type":"ping"}', b'{', b'[{"event_type":"all"}]'])
        if choice < 0.07:
            return self.long_line()
        event_type, members = self.event()
        members = self.typed(event_type, members)
        if self.chance(0.15):
            members.insert(self.random.randrange(len(members) + 1),
                           (self.pick(['extra', 'unknown', '', 'k2', 'S', 'event_typ']), self.nested(3)))
        if self.chance(0.02):
            members.append(('extra', self.deep()))
        if self.chance(0.03) and members:
            members.append((self.pick(members)[0], self.pick([self.pick(members)[1], self.nested(1)])))
        if self.chance(0.03) and members:
            members.pop(self.random.randrange(len(members)))
        if self.chance(0.04):
            members.insert(self.random.randrange(len(members) + 1), ('bad', self.pick(BAD_NUMBERS + BAD_VALUES).encode()))
        if self.chance(0.3):
            self.random.shuffle(members)
        line = self.object(members)
        return self.mutate(line) if self.chance(0.06) else line

    def long_line(self):
        """Around max_line, or far over it."""
        size = self.pick([self.max_line - 1, self.max_line, self.max_line + 1, self.max_line * 2, self.max_line * 3 + 7])
        if size > 100000 and self.chance(0.8):
            size = self.random.randrange(200, 9000)
        head, tail = b'{"event_type":"step","k":"long","n":1,"note":"', b'"}'
        fill = self.pick([b'x', b'\xC3\xA9', b' ', b'\xFF'])
        body = fill * max(0, size - len(head) - len(tail))
        body = body[:max(0, size - len(head) - len(tail))]
        line = head + body + tail
        return line if self.chance(0.8) else b' ' * size

    def mutate(self, line):
        at = self.random.randrange(len(line) + 1)
        choice = self.random.randrange(7)
        if choice == 0:
            return line[:at]
        if choice == 1:
            return line[:at] + line[at + 1:]
        if choice == 2:
            return line[:at] + bytes([self.random.randrange(256)]) + line[at:]
        if choice == 3:
            return line[:at] + bytes([self.random.randrange(256)]) + line[at + 1:]
        if choice == 4:
            return line[:at] + self.pick(BAD_BYTES) + line[at:]
        quote = line.find(b'"', at)
        if quote < 0:
            return line + self.pick([b' x', b',', b'}', b'\x00'])
        return line[:quote + 1] + self.pick(BAD_ESCAPES if choice == 5 else BAD_BYTES) + line[quote + 1:]

    def file(self, lines):
        ending = self.pick([b'\n', b'\n', b'\n', b'\r\n'])
        out = [BOM if self.chance(0.15) else b'']
        for _ in range(lines):
            out.append(self.line() + (ending if self.chance(0.98) else self.pick([b'\n', b'\r\n', b'\n\n'])))
        data = b''.join(out)
        return data.rstrip(b'\n') if self.chance(0.2) else data
