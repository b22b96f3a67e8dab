#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Benchmarks of etl-host on the trading job: positions by account and ticker, written as sorted CSV.

    bench.py --host BUILD/host/etl-host --plugins BUILD/plugins --tools BUILD/tests/bench [OPTION...] job | stages

job     etl-host at one and two threads beside DuckDB, Miller and jq, those of them that are installed; then etl-host on logs of
        other shapes. Programs run in turn, whole processes are timed, ratios are those of one round each, figures are medians.
        All answers must agree by value.
stages  nanoseconds a logline, stage by stage, so that a regression can be placed.
"""
import argparse
import collections
import datetime
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PIPELINE = """source: {{path: {log}}}
plugins:
  - {plugins}/transaction.so
  - {plugins}/declaration.so
  - {plugins}/exercise.so
  - {{path: {tools}/fills.so, config: {{types: 40}}}}
sinks:
  - {{state: position, format: csv, path: {out}}}
threads: {threads}
"""
DUCKDB_PYTHON = "import duckdb, sys; duckdb.connect().execute(open(sys.argv[1]).read())"
DUCKDB_NODE = """const {DuckDBInstance} = require('@duckdb/node-api');
(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(require('fs').readFileSync(process.argv[1], 'utf8'));
})();"""

Log = collections.namedtuple("Log", "path lines")
Program = collections.namedtuple("Program", "name threads run")  # run(log, out): the command, and where its output goes
Result = collections.namedtuple("Result", "seconds peak")        # peak: of memory, in KiB


def fail(text):
    sys.exit(f"bench: {text}")


def say(text=""):
    print(text, flush=True)


def first_line(*command):
    """What a command says of itself; None where it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip().split("\n")[0] if done.returncode == 0 else None


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    # ---- logs

    def generate(self, shape, lines, accounts=1000, tickers=500):
        path = self.path(f"{shape}-{lines}-{accounts}-{tickers}.jsonl")
        if not os.path.exists(path):
            command = [os.path.join(self.options.tools, "generate"), "--shape", shape, "--lines", str(lines),
                       "--accounts", str(accounts), "--tickers", str(tickers)]
            with open(path, "wb") as file:
                subprocess.run(command, stdout=file, check=True)
        return Log(path, lines)

    # ---- programs

    def pipeline(self, log, out, threads):
        path = self.path("pipeline.yaml")
        with open(path, "w") as file:
            file.write(PIPELINE.format(log=log.path, out=out, threads=threads, plugins=self.options.plugins,
                                       tools=self.options.tools))
        return path

    def etl_host(self, threads):
        return Program("etl-host", threads, lambda log, out: ([self.options.host, self.pipeline(log, out, threads)], None))

    def duckdb(self):
        """DuckDB by its package for Python, or for Node where NODE_PATH finds it; the version, and what runs a file of SQL."""
        for interpreter in ("python3", sys.executable):
            version = first_line(interpreter, "-c", "import duckdb; print(duckdb.__version__)")
            if version:
                return f"DuckDB {version}", [interpreter, "-c", DUCKDB_PYTHON]
        version = first_line("node", "-p", "require('@duckdb/node-api').version()")
        return (f"DuckDB {version.lstrip('v')}", ["node", "-e", DUCKDB_NODE]) if version else None

    def duckdb_at(self, name, command, threads):
        def run(log, out):
            with open(os.path.join(HERE, "positions.sql")) as file:
                sql = file.read().replace("@THREADS@", str(threads)).replace("@LOG@", log.path).replace("@OUT@", out)
            with open(self.path("positions.sql"), "w") as file:
                file.write(sql)
            return command + [self.path("positions.sql")], None
        return Program(name, threads, run)

    def quick_programs(self):
        found = self.duckdb()
        return [self.duckdb_at(*found, threads) for threads in (1, 2)] if found else []

    def slow_programs(self):
        programs = []
        miller = first_line("mlr", "--version")
        if miller:
            command = ["mlr", "--ijsonl", "--ocsv", "put", "-q", "-f", os.path.join(HERE, "positions.mlr"), "then",
                       "put", "$account_id = int($account_id . \"\")", "then", "sort", "-nf", "account_id", "-f", "ticker"]
            name = "Miller " + re.sub(r"[^0-9.]", "", miller)
            programs.append(Program(name, 1, lambda log, out: (command + [log.path], out)))
        jq = first_line("jq", "--version")
        if jq:
            program = os.path.join(HERE, "positions.jq")
            programs.append(Program(jq.replace("-", " "), 1, lambda log, out: (["jq", "-rn", "-f", program, log.path], out)))
        return programs

    # ---- running

    def run(self, program, log, out):
        command, output = program.run(log, out)
        result = self.path("result")
        with open(output or os.devnull, "wb") as stdout, open(self.path("stderr"), "wb") as stderr:
            measure = os.path.join(self.options.tools, "measure")
            subprocess.run([measure, result, *command], stdout=stdout, stderr=stderr, check=True)
        with open(result) as file:
            seconds, peak, status = file.read().split()
        if status != "0":
            with open(self.path("stderr"), errors="replace") as file:
                fail(f"{program.name} ended with status {status}:\n{file.read()[-2000:]}")
        return Result(float(seconds), int(peak))

    def rounds(self, jobs, rounds):
        """Runs the jobs, pairs of program and log, in turn: their results, job by job. The first run of each is not counted."""
        outs = [self.path(f"out{i}.csv") for i in range(len(jobs))]
        for (program, log), out in zip(jobs, outs):
            self.run(program, log, out)
        results = [[] for _ in jobs]
        for _ in range(rounds):
            for i, (program, log) in enumerate(jobs):
                results[i].append(self.run(program, log, outs[i]))
        return results, outs


# ---- answers

def row(line):
    """Amounts by value: some programs write two decimals everywhere."""
    account, ticker, amount, timestamp = line.rstrip("\n").replace('"', "").split(",")
    return account, ticker, amount.rstrip("0").rstrip(".") if "." in amount else amount, timestamp


def check(name, path, reference):
    """The same rows in both files? Gives their number."""
    count = 0
    with open(path) as got, open(reference) as wanted:
        for count, (a, b) in enumerate(zip(got, wanted)):
            if a != b and row(a) != row(b):
                fail(f"{name} disagrees in line {count + 1}: {a.strip()} where etl-host has {b.strip()}")
        if next(got, None) or next(wanted, None):
            fail(f"{name} has another number of rows than etl-host")
    return count


# ---- figures

def median(values):
    return statistics.median(values)


def seconds(results):
    return median([result.seconds for result in results])


def peak(results):
    return max(result.peak for result in results) / 1024


def ratio(results, base):
    return median([a.seconds / b.seconds for a, b in zip(results, base)])


def table(head, rows):
    widths = [max(len(line[i]) for line in [head] + rows) for i in range(len(head))]
    for line in [head, ["-" * width for width in widths]] + rows:
        cells = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        say("| " + " | ".join(cells) + " |")
    say()


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Linux {platform.release()}, {datetime.date.today()}"


# ---- the job

def compare(bench, log, accounts, programs, rounds):
    jobs = [(program, log) for program in programs]
    results, outs = bench.rounds(jobs, rounds)
    for program, out in zip(programs, outs):
        count = check(f"{program.name} at {program.threads} threads", out, outs[0])
    size = os.path.getsize(log.path)
    say(f"{log.lines:,} loglines ({size / 1e6:,.0f} MB), {accounts:,} accounts, {count:,} rows; {rounds} rounds")
    base = {program.threads: result for program, result in zip(programs, results) if program.name == "etl-host"}
    table(["program", "threads", "seconds", "M loglines/s", "peak MiB", "time against etl-host"],
          [[program.name, str(program.threads), f"{seconds(result):.3f}", f"{log.lines / seconds(result) / 1e6:.2f}",
            f"{peak(result):.0f}", f"{ratio(result, base[program.threads]):.2f}"] for program, result in zip(programs, results)])


def compare_shapes(bench, lines, rounds):
    logs = [("regular", bench.generate("regular", lines)),
            ("scrambled: keys in any order, spaces, escapes", bench.generate("scrambled", lines)),
            ("event type as the last key", bench.generate("type-last", lines)),
            ("5 event types of one kind", bench.generate("few-types", lines)),
            ("40 event types of one kind", bench.generate("many-types", lines)),
            ("500 tickers of 40 characters", bench.generate("long-keys", lines)),
            ("the same: 500,000 tickers, 1 account", bench.generate("long-keys", lines, 1, tickers=500000)),
            ("wide: 1.7 KB, most of it not asked for", bench.generate("wide", max(1, lines // 5)))]
    programs = [bench.etl_host(1), bench.etl_host(2)]
    results, outs = bench.rounds([(program, log) for _, log in logs for program in programs], rounds)
    for i, (name, _) in enumerate(logs):
        check(f"'{name}' at 2 threads", outs[2 * i + 1], outs[2 * i])
    for same in (1, 2):
        check(f"'{logs[same][0]}'", outs[2 * same], outs[0])
    check(f"'{logs[4][0]}'", outs[8], outs[6])
    rows = []
    for i, (name, log) in enumerate(logs):
        one, two = results[2 * i], results[2 * i + 1]
        scale = lines / log.lines
        rows.append([name, f"{os.path.getsize(log.path) / log.lines:.0f}", f"{seconds(one) / log.lines * 1e9:.0f}",
                     f"{ratio(one, results[0]) * scale:.2f}", f"{seconds(two) / log.lines * 1e9:.0f}",
                     f"{ratio(two, results[1]) * scale:.2f}", f"{peak(one):.0f}"])
    say(f"etl-host on logs of other shapes: {lines:,} loglines, wide {logs[-1][1].lines:,}; 1,000 accounts; {rounds} rounds")
    head = ["log", "bytes/line", "1 thread: ns/line", "against regular", "2 threads: ns/line", "against regular", "peak MiB"]
    table(head, rows)


def job(bench, options):
    say(f"The trading job: {machine()}")
    say("Whole processes, in turn; medians, and medians of paired ratios. The answers agree.\n")
    hosts = [bench.etl_host(1), bench.etl_host(2)]
    quick, slow = bench.quick_programs(), bench.slow_programs()
    for accounts in (1000, 100000):
        compare(bench, bench.generate("regular", options.lines, accounts), accounts, hosts + quick, options.rounds)
    if slow:
        lines = min(options.lines, options.slow_lines)
        compare(bench, bench.generate("regular", lines), 1000, hosts + slow, options.rounds)
    compare_shapes(bench, options.lines, options.rounds)


# ---- stages

def stages(bench, options):
    say(f"Stage by stage, one thread: {machine()}\n")
    for shape in ("regular", "scrambled"):
        log = bench.generate(shape, options.lines)
        command = [os.path.join(options.tools, "stages"), bench.pipeline(log, bench.path("out.csv"), 1), str(options.rounds)]
        say(f"{shape}: {log.lines:,} loglines")
        if subprocess.run(command).returncode:
            fail("the stages could not be measured")
        say()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True, help="the program etl-host")
    parser.add_argument("--plugins", required=True, help="the folder of its plugins")
    parser.add_argument("--tools", required=True, help="the folder of generate, measure, stages and fills.so")
    parser.add_argument("--lines", type=int, default=500_000, help="loglines of a log (default: 500,000)")
    parser.add_argument("--slow-lines", type=int, default=100_000, help="at most, for Miller and jq (default: 100,000)")
    parser.add_argument("--rounds", type=int, default=9, help="how often each program runs (default: 9)")
    parser.add_argument("--full", action="store_true", help="5,000,000 loglines: half an hour or so, and 7 GB of disk")
    parser.add_argument("--folder", help="where logs are put, and kept for the next time; default: a temporary folder")
    parser.add_argument("what", choices=["job", "stages"])
    options = parser.parse_args()
    for name in ("host", "plugins", "tools"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    if options.full:
        options.lines, options.slow_lines = 5_000_000, 500_000
    folder = os.path.abspath(options.folder) if options.folder else tempfile.mkdtemp(prefix="etl-host-bench-")
    try:
        os.makedirs(folder, exist_ok=True)
        {"job": job, "stages": stages}[options.what](Bench(options, folder), options)
    finally:
        if not options.folder:
            shutil.rmtree(folder)


main()
