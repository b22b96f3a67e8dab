# SPDX-License-Identifier: MIT
"""A plugin exports its two symbols and nothing else.
usage: test_symbols.py NM PLUGIN..."""
import subprocess
import sys

wanted = {"etl_plugin_info", "etl_plugin_init"}
failed = False
for plugin in sys.argv[2:]:
    command = [sys.argv[1], "-D", "--defined-only", plugin]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    # the sanitizers add symbols of their own
    exported = {name for name in (line.split()[-1] for line in lines) if not name.startswith(("__odr_asan", "___asan", "__asan"))}
    if exported != wanted:
        print("%s exports %s" % (plugin, ", ".join(sorted(exported)) or "nothing"))
        failed = True
sys.exit(failed)
