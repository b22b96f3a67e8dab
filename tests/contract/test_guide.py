# SPDX-License-Identifier: MIT
"""The C of the author's guide compiles: blocks that begin with the name of a file are built as plugins, their tests run, and
the others are put into a handler. usage: test_guide.py GUIDE SDK_FOLDER COMPILER..."""
import os
import re
import subprocess
import sys
import tempfile

guide, sdk, compiler = sys.argv[1], sys.argv[2], sys.argv[3:]
FLAGS = ["-std=gnu17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-variable", "-Wno-unused-but-set-variable",
         "-fvisibility=hidden"]
FRAGMENT = """#include <etl.h>
struct sample { etl_json raw; int64_t count; etl_string text; etl_decimal amount; };
struct total { etl_string name; etl_decimal amount; };
ETL_EFFECT(total, ETL_KEY(total, name), ETL_SUM(total, amount));
struct withdrawal { int64_t account; };
ETL_EVENT(withdrawal, ETL_FIELD(withdrawal, account));
struct balance { int64_t account; etl_decimal amount; };
ETL_EFFECT(balance, ETL_KEY(balance, account), ETL_SUM(balance, amount));
etl_handle_function handle_withdrawal;
etl_result fragment(struct etl_host *host, struct etl_context *context, const struct sample *e);
etl_result fragment(struct etl_host *host, struct etl_context *context, const struct sample *e)
{
    (void)host, (void)context, (void)e;
%s
    return ETL_OK;
}
"""


def run(command, folder):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode:
        print("%s\n%s%s" % (" ".join(command), result.stdout, result.stderr[:3000]))
    return result.returncode == 0


def main():
    with open(guide, encoding="utf-8") as file:
        blocks = re.findall(r"^```c\n(.*?)^```$", file.read(), re.M | re.S)
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number, block in enumerate(blocks):
            name = re.match(r"/\* (\w+\.c) \*/", block)
            names.append(name.group(1) if name else "fragment%d.c" % number)
            if names.count(names[-1]) > 1:
                sys.exit("two blocks are named " + names[-1])
            with open(os.path.join(folder, names[-1]), "w", encoding="utf-8") as file:
                file.write(block if name else FRAGMENT % block)
        tests = [name for name in names if name.endswith("_test.c")]
        if len(names) < 10 or len(tests) < 3:
            sys.exit("blocks were not found: %s" % names)
        good = True
        for name in names:
            if name in tests:
                command = [*compiler, *FLAGS, "-g", "-I", sdk, "-o", name[:-2], name]
                good &= run(command, folder) and run(["./" + name[:-2]], folder)
            else:
                good &= run([*compiler, *FLAGS, "-O2", "-I", sdk, "-shared", "-fPIC", "-o", name[:-2] + ".so", name], folder)
    return not good


sys.exit(main())
