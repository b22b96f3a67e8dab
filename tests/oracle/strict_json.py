# SPDX-License-Identifier: MIT
"""A plain JSON parser over bytes, strict and slow: RFC 8259, UTF-8 checked, depth limited, number texts and raw texts kept.

A value is a tuple (kind, content, raw bytes): ('object', [(key bytes, value), ...], raw), ('array', [value, ...], raw),
('string', decoded bytes, raw), ('number', text, raw), ('bool', True or False, raw), ('null', None, raw)."""

DEPTH_MAX = 128
SPACE = b' \t\n\r'
ESCAPES = {ord('"'): b'"', ord('\\'): b'\\', ord('/'): b'/', ord('b'): b'\b', ord('f'): b'\f', ord('n'): b'\n',
           ord('r'): b'\r', ord('t'): b'\t'}


class Malformed(Exception):
    pass


def utf8_length(data, at):
    """Bytes of the well-formed character at `at`, or 0."""
    first = data[at]
    if first < 0x80:
        return 1
    length, least = (2, 0x80) if first < 0xE0 else (3, 0x800) if first < 0xF0 else (4, 0x10000)
    if first < 0xC2 or first > 0xF4 or at + length > len(data):
        return 0
    point = first & (0xFF >> (length + 1))
    for byte in data[at + 1:at + length]:
        if byte & 0xC0 != 0x80:
            return 0
        point = point << 6 | byte & 0x3F
    if point < least or 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
        return 0
    return length


def utf8_valid(data):
    at = 0
    while at < len(data):
        length = utf8_length(data, at)
        if not length:
            return False
        at += length
    return True


class Parser:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def peek(self):
        return self.data[self.at] if self.at < len(self.data) else -1

    def space(self):
        while self.at < len(self.data) and self.data[self.at] in SPACE:
            self.at += 1

    def take(self, text):
        if not self.data.startswith(text, self.at):
            raise Malformed('expected %r at %d' % (text, self.at))
        self.at += len(text)

    def value(self, depth):
        begin = self.at
        first = self.peek()
        if first == ord('{'):
            kind, content = 'object', self.object(depth + 1)
        elif first == ord('['):
            kind, content = 'array', self.array(depth + 1)
        elif first == ord('"'):
            kind, content = 'string', self.string()
        elif first == ord('t'):
            self.take(b'true')
            kind, content = 'bool', True
        elif first == ord('f'):
            self.take(b'false')
            kind, content = 'bool', False
        elif first == ord('n'):
            self.take(b'null')
            kind, content = 'null', None
        else:
            kind, content = 'number', self.number()
        return kind, content, self.data[begin:self.at]

    def enter(self, depth):
        if depth > DEPTH_MAX:
            raise Malformed('too deep')
        self.at += 1
        self.space()

    def object(self, depth):
        self.enter(depth)
        members = []
        if self.peek() == ord('}'):
            self.at += 1
            return members
        while True:
            key = self.string()
            self.space()
            self.take(b':')
            self.space()
            members.append((key, self.value(depth)))
            self.space()
            if self.peek() == ord('}'):
                self.at += 1
                return members
            self.take(b',')
            self.space()

    def array(self, depth):
        self.enter(depth)
        items = []
        if self.peek() == ord(']'):
            self.at += 1
            return items
        while True:
            items.append(self.value(depth))
            self.space()
            if self.peek() == ord(']'):
                self.at += 1
                return items
            self.take(b',')
            self.space()

    def string(self):
        self.take(b'"')
        out = bytearray()
        while True:
            byte = self.peek()
            if byte == ord('"'):
                self.at += 1
                return bytes(out)
            if byte == ord('\\'):
                self.at += 1
                out += self.escape()
            elif byte < 0x20:
                raise Malformed('a control character or the end in a string')
            else:
                length = utf8_length(self.data, self.at)
                if not length:
                    raise Malformed('not UTF-8')
                out += self.data[self.at:self.at + length]
                self.at += length

    def escape(self):
        byte = self.peek()
        self.at += 1
        if byte in ESCAPES:
            return ESCAPES[byte]
        if byte != ord('u'):
            raise Malformed('no such escape')
        point = self.hex4()
        if 0xDC00 <= point <= 0xDFFF:
            raise Malformed('a lone low surrogate')
        if 0xD800 <= point <= 0xDBFF:
            self.take(b'\\u')
            low = self.hex4()
            if not 0xDC00 <= low <= 0xDFFF:
                raise Malformed('a lone high surrogate')
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00)
        return chr(point).encode('utf-8')

    def hex4(self):
        digits = self.data[self.at:self.at + 4]
        if len(digits) < 4 or any(digit not in b'0123456789abcdefABCDEF' for digit in digits):
            raise Malformed('not four hex digits')
        self.at += 4
        return int(digits, 16)

    def digits(self):
        begin = self.at
        while 0x30 <= self.peek() <= 0x39:
            self.at += 1
        if self.at == begin:
            raise Malformed('no digit')

    def number(self):
        begin = self.at
        if self.peek() == ord('-'):
            self.at += 1
        if self.peek() == ord('0'):
            self.at += 1
        else:
            self.digits()
        if self.peek() == ord('.'):
            self.at += 1
            self.digits()
        if self.peek() in (ord('e'), ord('E')):
            self.at += 1
            if self.peek() in (ord('+'), ord('-')):
                self.at += 1
            self.digits()
        return self.data[begin:self.at].decode('ascii')


def parse(data):
    """The one JSON value in `data`, white space around it allowed."""
    parser = Parser(data)
    parser.space()
    value = parser.value(0)
    parser.space()
    if parser.at != len(data):
        raise Malformed('something after the value')
    return value


def is_number(data):
    """Is all of it one JSON number, with nothing around it?"""
    parser = Parser(data)
    try:
        parser.number()
    except Malformed:
        return False
    return parser.at == len(data)


def quote(data):
    """The bytes (UTF-8, or not: U+FFFD) as a JSON string."""
    out = bytearray(b'"')
    at = 0
    while at < len(data):
        byte = data[at]
        length = utf8_length(data, at)
        if byte in b'"\\':
            out += b'\\' + data[at:at + 1]
        elif byte < 0x20:
            out += {8: b'\\b', 9: b'\\t', 10: b'\\n', 12: b'\\f', 13: b'\\r'}.get(byte, b'\\u%04x' % byte)
        elif length:
            out += data[at:at + length]
        else:
            out += b'\xEF\xBF\xBD'
        at += length or 1
    return bytes(out + b'"')
