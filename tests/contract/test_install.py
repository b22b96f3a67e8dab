# SPDX-License-Identifier: MIT
"""Installs to a folder of its own and builds plugins as an author would, outside of this repository, knowing only pkg-config.
usage: test_install.py BUILD_FOLDER MESON PKG_CONFIG NM EVERY_MACRO [CXX]"""
import os
import shutil
import subprocess
import sys
import tempfile

build, meson, pkg_config, nm, every_macro = sys.argv[1:6]
cxx = sys.argv[6:]
SKIPPED = 77
# A plugin that builds on the effects of the installed ones.
GIFT = """#include <etl-host/trading.h>
static etl_result handle_gift(struct etl_context *context, const void *event)
{
    (void)event;
    return etl_emit(context, position, .account_id = 1, .ticker = ETL_STRING("CASH"), .amount = etl_decimal_of(1, 0));
}
ETL_PLUGIN("gift", "1", "Gifts")
{
    return etl_handle(host, .event_type = "gift", .handle = handle_gift, .emits = {&position});
}
"""


def run(command, **more):
    result = subprocess.run(command, capture_output=True, text=True, **more)
    if result.returncode:
        sys.exit("%s\n%s%s" % (" ".join(command), result.stdout, result.stderr))
    return result.stdout


def check(what, holds):
    if not holds:
        sys.exit("does not hold: " + what)


def main():
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        print("no compiler of the name cc")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        root, outside = os.path.join(folder, "root"), os.path.join(folder, "outside")
        run([meson, "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root])
        packages = [path for path, _, files in os.walk(root) if "etl-sdk.pc" in files]
        check("etl-sdk.pc is installed once", len(packages) == 1)
        environment = dict(os.environ, PKG_CONFIG_PATH=packages[0], PKG_CONFIG_SYSROOT_DIR=root)
        flags = run([pkg_config, "--cflags", "etl-sdk"], env=environment).split()

        def folder_of(variable):
            path = run([pkg_config, "--variable=" + variable, "etl-sdk"], env=environment).strip()
            return path if path.startswith(root) else root + path

        check("the plugins are in plugindir", {"transaction.so", "declaration.so"} <= set(os.listdir(folder_of("plugindir"))))
        shutil.copytree(folder_of("templatedir"), outside)

        strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        run([compiler, *flags, *strict, "-shared", "-fPIC", "-o", "template.so", "template.c"], cwd=outside)
        run([compiler, *flags, *strict, "-o", "template_test", "template_test.c"], cwd=outside)
        run([os.path.join(outside, "template_test")])
        with open(os.path.join(outside, "gift.c"), "w") as file:
            file.write(GIFT)
        run([compiler, *flags, *strict, "-shared", "-fPIC", "-o", "gift.so", "gift.c"], cwd=outside)
        built = ["template.so", "gift.so"]
        if cxx:
            twin = [cxx[0], "-std=c++20", "-x", "c++"]
            run([*twin, *flags, *strict, "-shared", "-fPIC", "-o", "twin.so", every_macro], cwd=outside)
            built.append("twin.so")
        for plugin in built:
            lines = run([nm, "-D", "--defined-only", plugin], cwd=outside).splitlines()
            exported = {line.split()[-1] for line in lines}
            check("%s exports its two symbols: %s" % (plugin, exported), exported == {"etl_plugin_info", "etl_plugin_init"})
    return 0


sys.exit(main())
