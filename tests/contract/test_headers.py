# SPDX-License-Identifier: MIT
"""Each public header alone, as C17, C++17 and C++20, with every compiler that is there; what must not compile does not.
usage: test_headers.py SDK_FOLDER CONTRACT_FOLDER COMPILER..."""
import os
import subprocess
import sys
import tempfile

sdk, here, compilers = sys.argv[1], sys.argv[2], sys.argv[3:]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2", "-I", sdk]

# Fields that the compiler must refuse.
REFUSED = {
    "a double is no key": "ETL_KEY(thing, ratio)",
    "json is no key": "ETL_KEY(thing, raw)",
    "strings are not summed": "ETL_KEY(thing, id), ETL_SUM(thing, name)",
    "times are not summed": "ETL_KEY(thing, id), ETL_SUM(thing, at)",
    "json has no order": "ETL_KEY(thing, id), ETL_MAX(thing, raw)",
    "a count is an int64_t": "ETL_KEY(thing, id), ETL_COUNT(thing, ratio)",
    "int is no kind": "ETL_KEY(thing, id), ETL_LAST(thing, plain)",
    "whether it is there is a bool": "ETL_KEY(thing, id), ETL_LAST_OPTIONAL(thing, name, id)",
    "an event type is text": "ETL_EVENT_TYPE(thing, id)",
    "an epoch is a time": 'ETL_TIMESTAMP_AT(thing, id, "id", ETL_SECONDS)',
    "no such member": "ETL_KEY(thing, missing)",
}
ACCEPTED = "ETL_KEY(thing, id), ETL_LAST_OPTIONAL(thing, name, has)"
THING = """#include "etl.h"
struct thing { int64_t id; double ratio; etl_json raw; etl_string name; etl_timestamp at; int plain; bool has; };
ETL_EFFECT(thing, %s);
const struct etl_effect *use(void);
const struct etl_effect *use(void) { return &thing; }
"""


def run(compiler, standard, source):
    command = [compiler, "-std=" + standard, "-x", "c++" if "++" in standard else "c", *WARNINGS, "-c", source, "-o", os.devnull]
    return subprocess.run(command, capture_output=True, text=True)


def main():
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for compiler in compilers:
            cxx = "++" in os.path.basename(compiler)
            standards = ["c++17", "c++20"] if cxx else ["c17", "gnu17"]
            for standard in standards:
                for header in ["etl.h", "etl_test.h"] + ["etl/" + name for name in sorted(os.listdir(os.path.join(sdk, "etl")))]:
                    source = os.path.join(folder, "alone.c")
                    with open(source, "w") as file:
                        file.write('#include "%s"\n' % header)
                    result = run(compiler, standard, source)
                    if result.returncode:
                        failures.append("%s -std=%s %s\n%s" % (compiler, standard, header, result.stderr[:2000]))
                if standard != "c++17":  # designated initialisers
                    result = run(compiler, standard, os.path.join(here, "every_macro.c"))
                    if result.returncode:
                        failures.append("%s -std=%s every_macro.c\n%s" % (compiler, standard, result.stderr[:2000]))
            for name, fields in {"this is not refused": ACCEPTED, **REFUSED}.items():
                source = os.path.join(folder, "refused.c")
                with open(source, "w") as file:
                    file.write(THING % fields)
                result = run(compiler, standards[0], source)
                if (result.returncode != 0) != (name in REFUSED):
                    failures.append("%s: %s: %s\n%s" % (compiler, name, fields, result.stderr[:2000]))
    print("\n".join(failures))
    return len(failures) != 0


sys.exit(main())
