# SPDX-License-Identifier: MIT
"""The pipeline, again, one logline at a time: what the host must agree with in every byte. Nothing here is fast or clever."""

import base64
import math

import strict_json
import twins
import values

EFFECTS_PER_EVENT_MAX = 65536
BOM = b'\xEF\xBB\xBF'


class Repeated(Exception):
    pass


# ---- state

class Table:
    def __init__(self, name):
        self.name = name
        self.effect_columns = [column + ('',) * (4 - len(column)) for column in twins.EFFECTS[name]]
        self.keys = [column for column in self.effect_columns if column[2] == 'key']
        kept = [column + ('',) * (4 - len(column)) for column in twins.ROWS.get(name, [])]
        self.columns = self.keys + kept if kept else self.effect_columns
        self.rows = {}

    def key(self, effect):
        return tuple(effect[name] for name, *_ in self.keys)

    def fold(self, effect):
        """False: the reducer failed."""
        key, row = self.key(effect), self.rows.get(self.key(effect))
        if self.name in twins.REDUCERS:
            kept = twins.REDUCERS[self.name](row, effect)
            row = self.rows[key] = dict(kept, **{name: effect[name] for name, *_ in self.keys})
            return all(values.can_stand(kind, row[name]) for name, kind, _, optional in self.columns
                       if not (optional and row[name] is None))
        if row is None:
            row = self.rows[key] = {name: None for name, *_ in self.columns}
        for name, kind, role, _ in self.columns:
            if effect[name] is not None:
                row[name] = fold_value(kind, role, row[name], effect[name])
        return True

    def remove(self, effect):
        self.rows.pop(self.key(effect), None)

    def sorted_rows(self):
        def place(row):
            return tuple(values.order(kind, row[name]) for name, kind, _, _ in self.keys)
        return sorted(self.rows.values(), key=place)

    def csv(self):
        lines = [','.join(name for name, *_ in self.columns).encode('utf-8')]
        for row in self.sorted_rows():
            lines.append(b','.join(csv_cell(kind, row[name]) for name, kind, _, _ in self.columns))
        return b''.join(line + b'\n' for line in lines)

    def jsonl(self):
        return b''.join(json_row(self.name, self.columns, row) for row in self.sorted_rows())


def fold_value(kind, role, old, new):
    if role == 'count':
        return (old or 0) + 1
    if old is None or role in ('key', 'last'):
        return new
    if role == 'sum':
        return values.decimal_sum(old, new) if kind == 'decimal' else old + new
    if role == 'min':
        return new if values.order(kind, new) < values.order(kind, old) else old
    if role == 'max':
        return new if values.order(kind, new) > values.order(kind, old) else old
    assert role == 'first'
    return old


def csv_cell(kind, value):
    if value is None:
        return b''
    text = values.text(kind, value)
    if text == b'' or any(byte in b',"\r\n' for byte in text):
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text


def json_row(name, columns, row, more=b''):
    out = b'{"effect":' + strict_json.quote(name.encode('utf-8')) + more
    for column, kind, _, _ in columns:
        if row[column] is not None:
            out += b',"' + column.encode('utf-8') + b'":' + values.json_text(kind, row[column])
    return out + b'}\n'


# ---- one event

class Context:
    """What a twin is given. What failed once stays failed."""

    def __init__(self, tables, reads, partition_by):
        self.tables = tables
        self.reads = reads
        self.partition_by = partition_by
        self.event = None
        self.effects = []
        self.refused = False

    def refuse(self):
        self.refused = True

    def check_partition(self, name, keys):
        """Rows of a table that is read can be reached only from an event of their partition."""
        if self.partition_by and name in self.reads and keys[self.partition_by] != self.event[self.partition_by]:
            self.refused = True

    def add(self, name, effect, columns, remove):
        fits = all(values.can_stand(kind, effect[column]) for column, kind, role, optional in columns
                   if role != 'count' and not (optional and effect[column] is None))
        if not fits or len(self.effects) == EFFECTS_PER_EVENT_MAX:
            self.refused = True
        else:
            self.effects.append((name, effect, remove))

    def emit(self, name, /, **effect):
        table = self.tables[name]
        self.check_partition(name, effect)
        counts = {column: 1 for column, _, role, optional in table.effect_columns if role == 'count' and not optional}
        for column, _, role, optional in table.effect_columns:
            if role == 'count' and optional and effect[column] is not None:
                effect[column] = 1
        effect.update(counts)
        self.add(name, effect, table.effect_columns, False)

    def remove(self, name, /, **keys):
        self.check_partition(name, keys)
        self.add(name, keys, self.tables[name].keys, True)

    def lookup(self, name, /, **keys):
        table = self.tables[name]
        self.check_partition(name, keys)
        row = table.rows.get(table.key(keys))
        for column, kind, role, _ in table.columns if row else []:
            if role != 'sum' or row[column] is None:
                continue
            if kind == 'decimal' and not values.decimal_fits(row[column]):
                self.refused = True
            if kind == 'int64' and not values.INT64_MIN <= row[column] <= values.INT64_MAX:
                self.refused = True
        return None if self.refused else row


def find(value, path):
    """The value at this path of keys, or None; raises Repeated, and Invalid where no object is on the path."""
    for key in path:
        if value is None or value[0] == 'null':
            return None
        if value[0] != 'object':
            raise values.Invalid('not an object')
        found = [member for name, member in value[1] if name == key]
        if len(found) > 1:
            raise Repeated()
        value = found[0] if found else None
    return value


def decode(root, event_type, wanted):
    event = {}
    for name, kind, path, optional, unit in wanted:
        if kind == 'type':
            event[name] = event_type
            continue
        value = find(root, path)
        if value is None or value[0] == 'null':
            if not optional:
                raise values.Invalid('missing')
            event[name] = None
        else:
            event[name] = values.from_json(value, kind, unit)
    return event


# ---- the run

class Ended(Exception):
    """The run stops here."""


class Machine:
    def __init__(self, settings):
        self.event_type_path = twins.split_path(settings.get('event_type', 'event_type'))
        self.max_line = settings.get('max_line', 1 << 20)
        self.policies = {name: settings.get(name, default)
                         for name, default in (('malformed', 'reject'), ('invalid', 'reject'), ('unhandled', 'skip'))}
        self.limit = settings.get('limit', 0)
        self.plugins, self.reads, self.partition_by = settings['pipeline']
        declared = {name for plugin in self.plugins for name in twins.PLUGINS[plugin]}
        self.tables = {name: Table(name) for name in twins.EFFECTS if name in declared}
        self.start()

    def start(self):
        """Everything but the state is new."""
        self.counts = {'handled': 0, 'unhandled': 0, 'skipped': 0, 'rejected': 0, 'blank': 0}
        self.effects = []
        self.rejects = []

    def run(self, files):
        """Plays files; returns the exit status."""
        try:
            for file in files:
                self.play(file.name, file.data)
                if file.torn:
                    raise Ended()
        except Ended:
            return 1
        if any(not math.isfinite(row[column]) for table in self.tables.values() for row in table.rows.values()
               for column, kind, role, _ in table.columns if kind == 'double' and role == 'sum' and row[column] is not None):
            return 1
        return 3 if self.counts['rejected'] else 0

    def play(self, name, data):
        at = len(BOM) if data.startswith(BOM) else 0
        number = 0
        while at < len(data):
            end = data.find(b'\n', at)
            after = end + 1 if end >= 0 else len(data)
            line = data[at:end if end >= 0 else len(data)]
            if end >= 0 and line.endswith(b'\r'):
                line = line[:-1]
            number += 1
            self.judge((name, number, at), line)
            at = after

    def judge(self, place, line):
        if len(line) > self.max_line:
            return self.refuse('malformed', place, line)
        if not line.strip(b' \t\r'):
            self.counts['blank'] += 1
            return
        try:
            root = strict_json.parse(line)
            event_type = find(root, self.event_type_path) if root[0] == 'object' else None
        except (strict_json.Malformed, values.Invalid, Repeated):
            return self.refuse('malformed', place, line)
        if event_type is None or event_type[0] != 'string':
            return self.refuse('malformed', place, line)
        handlers = [handler for handler in twins.HANDLERS
                    if handler[0].encode('utf-8') == event_type[1] and handler[1] in self.plugins]
        if not handlers:
            return self.refuse('unhandled', place, line)
        try:
            events = [decode(root, event_type[1], handler[4]) for handler in handlers]
        except (values.Invalid, Repeated):
            return self.refuse('invalid', place, line)
        self.handle(place, line, handlers, events)

    def handle(self, place, line, handlers, events):
        context = Context(self.tables, self.reads, self.partition_by)
        for (_, plugin, name, twin, _), event in zip(handlers, events):
            context.event = event
            try:
                twin(context, event)
            except twins.Stopped:
                self.record('invalid', place, line, plugin, name)
                raise Ended()
            if context.refused:
                return self.refuse('invalid', place, line, plugin, name)
        self.apply(place, line, context.effects)

    def apply(self, place, line, effects):
        good = True
        for name, effect, remove in effects:
            table = self.tables[name]
            if remove:
                self.effects.append(json_row(name, table.keys, effect, b',"remove":true'))
                table.remove(effect)
            else:
                self.effects.append(json_row(name, table.effect_columns, effect))
                good &= table.fold(effect)
        if not good:
            self.record('invalid', place, line, None, None)
            raise Ended()
        self.counts['handled'] += 1

    def refuse(self, kind, place, line, plugin=None, handler=None):
        policy = self.policies[kind]
        if policy == 'skip':
            self.counts['unhandled' if kind == 'unhandled' else 'skipped'] += 1
            return
        self.record(kind, place, line, plugin, handler)
        if policy == 'stop' or len(self.rejects) == self.limit:
            raise Ended()

    def record(self, kind, place, line, plugin, handler):
        """A reject as a list of pairs, without its reason."""
        self.counts['rejected'] += 1
        source, number, offset = place
        reject = [('source', source), ('line', number), ('offset', offset), ('class', kind)]
        reject += [('plugin', plugin)] if plugin else []
        reject += [('handler', handler)] if handler else []
        shown = line[:self.max_line]
        if strict_json.utf8_valid(shown):
            reject.append(('text', shown))
        else:
            reject.append(('base64', base64.b64encode(shown)))
        if len(line) > self.max_line:
            reject.append(('size', len(line)))
        self.rejects.append(reject)
