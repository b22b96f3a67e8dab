# SPDX-License-Identifier: MIT
"""Values of every kind: from JSON, as text, compared, added. A string is bytes; an int64 an int; a double a float; a decimal a
pair (coefficient, scale) without trailing zeros, or None where invalid; a timestamp an int of nanoseconds; json is raw bytes."""

import datetime
import decimal
import math
import re
import sys
from fractions import Fraction

import strict_json

sys.set_int_max_str_digits(0)

INT64_MIN, INT64_MAX = -2**63, 2**63 - 1
DIGITS_MAX = SCALE_MAX = 38


class Invalid(Exception):
    pass


# ---- decimals

def decimal_normal(coefficient, scale):
    """Without trailing zeros, of any size; a negative scale is multiplied out."""
    if scale < 0:
        coefficient, scale = coefficient * 10**-scale, 0
    while scale and coefficient % 10 == 0:
        coefficient, scale = coefficient // 10, scale - 1
    return coefficient, scale


def decimal_fits(number):
    return abs(number[0]) < 10**DIGITS_MAX and number[1] <= SCALE_MAX


def decimal_result(coefficient, scale):
    number = decimal_normal(coefficient, scale)
    return number if decimal_fits(number) else None


def decimal_sum(a, b):
    """Exact, of any size."""
    scale = max(a[1], b[1])
    return decimal_normal(a[0] * 10**(scale - a[1]) + b[0] * 10**(scale - b[1]), scale)


def decimal_add(a, b):
    return decimal_result(*decimal_sum(a, b))


def decimal_negate(a):
    return -a[0], a[1]


def decimal_multiply(a, b):
    return decimal_result(a[0] * b[0], a[1] + b[1])


def decimal_value(a):
    return Fraction(a[0], 10**a[1])


def decimal_text(a):
    digits = str(abs(a[0])).rjust(a[1] + 1, '0')
    if a[1]:
        digits = digits[:-a[1]] + '.' + digits[-a[1]:]
    return ('-' if a[0] < 0 else '') + digits


# ---- numbers

def number_parts(text):
    """coefficient and power of ten, the coefficient without trailing zeros; (0, 0) for zero."""
    mantissa, _, power = text.lower().partition('e')
    whole, _, fraction = mantissa.lstrip('-').partition('.')
    digits = (whole + fraction).lstrip('0')
    power = int(power or '0') - len(fraction)
    stripped = digits.rstrip('0')
    if not stripped:
        return 0, 0
    return int(stripped) * (-1 if mantissa.startswith('-') else 1), power + len(digits) - len(stripped)


def int64_of(text):
    coefficient, power = number_parts(text)
    if power < 0 or power > 19:
        raise Invalid('not an integer in range')
    number = coefficient * 10**power
    if not INT64_MIN <= number <= INT64_MAX:
        raise Invalid('not an integer in range')
    return number


def decimal_of(text):
    coefficient, power = number_parts(text)
    if power > DIGITS_MAX or -power > SCALE_MAX:
        raise Invalid('not a decimal in range')
    number = decimal_result(coefficient, -power)
    if number is None:
        raise Invalid('not a decimal in range')
    return number


def double_of(text):
    number = float(text)
    if math.isinf(number):
        raise Invalid('not finite')
    return number


def double_text(number):
    """As few digits as tell it from any other, as repr() gives them, in the way of printf's %g."""
    exact = decimal.Decimal(repr(abs(number))).normalize()
    digits, exponent = ''.join(map(str, exact.as_tuple().digits)), exact.adjusted()
    if not number or -4 <= exponent < max(15, len(digits)):
        text = format(exact, 'f')
    else:
        text = '%s%s%se%+03d' % (digits[0], '.' if digits[1:] else '', digits[1:], exponent)
    return ('-' if math.copysign(1, number) < 0 else '') + text


# ---- timestamps

RFC3339 = re.compile(rb'(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))', re.ASCII)


def timestamp_range(ns):
    if not INT64_MIN <= ns <= INT64_MAX:
        raise Invalid('out of range')
    return ns


def timestamp_of(text):
    match = RFC3339.fullmatch(text)
    if not match:
        raise Invalid('not RFC 3339')
    year, month, day, hour, minute, second = (int(group) for group in match.groups()[:6])
    fraction, sign, hours, minutes = match.groups()[6:]
    hours, minutes = int(hours or 0), int(minutes or 0)
    try:
        days = datetime.date(year, month, day).toordinal() - datetime.date(1970, 1, 1).toordinal()
    except ValueError:
        raise Invalid('no such day')
    if hour > 23 or minute > 59 or second > 60 or hours > 23 or minutes > 59:
        raise Invalid('no such time')
    east = (hours * 3600 + minutes * 60) * (-1 if sign == b'-' else 1)
    seconds = days * 86400 + hour * 3600 + minute * 60 + second - east
    if second == 60 and seconds % 86400:
        raise Invalid('a leap second that is none')
    return timestamp_range(seconds * 10**9 + int((fraction or b'').ljust(9, b'0')))


def timestamp_text(ns):
    seconds, fraction = divmod(ns, 10**9)
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    text = time.strftime('%Y-%m-%dT%H:%M:%S').rjust(19, '0')
    return text + (('.%09d' % fraction).rstrip('0') if fraction else '') + 'Z'


# ---- all kinds

def from_json(value, kind, unit=10**9):
    """What a field of this kind makes of a JSON value."""
    json_kind, content, raw = value
    if kind == 'json' and json_kind != 'null':
        return raw
    if kind == 'string' and json_kind == 'string':
        return content
    if kind == 'bool' and json_kind == 'bool':
        return content
    if kind == 'timestamp' and json_kind == 'string':
        return timestamp_of(content)
    if kind == 'decimal' and json_kind == 'string' and strict_json.is_number(content):
        return decimal_of(content.decode('ascii'))
    if json_kind == 'number':
        if kind == 'timestamp':
            return timestamp_range(int64_of(content) * unit)
        if kind in NUMBERS:
            return NUMBERS[kind](content)
    raise Invalid('a %s where a %s should be' % (json_kind, kind))


NUMBERS = {'int64': int64_of, 'double': double_of, 'decimal': decimal_of}


def order(kind, value):
    """Something that Python compares as this kind compares."""
    return decimal_value(value) if kind == 'decimal' else value


def text(kind, value):
    """As CSV has it, without quoting."""
    if kind == 'string':
        return value
    if kind == 'json':  # in one line
        return value.replace(b'\n', b' ').replace(b'\r', b' ')
    if kind == 'bool':
        return b'true' if value else b'false'
    return {'int64': str, 'double': double_text, 'decimal': decimal_text,
            'timestamp': timestamp_text}[kind](value).encode('ascii')


def json_text(kind, value):
    if kind == 'string':
        return strict_json.quote(value)
    if kind == 'timestamp':
        return b'"' + text(kind, value) + b'"'
    return text(kind, value)


def can_stand(kind, value):
    """Can an effect carry it?"""
    if kind == 'string':
        return strict_json.utf8_valid(value)
    if kind == 'double':
        return math.isfinite(value)
    if kind == 'decimal':
        return value is not None
    if kind == 'json':
        try:
            return strict_json.parse(value)[2] == value
        except strict_json.Malformed:
            return False
    return True
