# SPDX-License-Identifier: MIT
"""Installs to a folder of its own and builds plugins as an author would, outside of this repository, knowing only pkg-config.
usage: test_install.py BUILD_FOLDER MESON PKG_CONFIG NM TEMPLATE_FOLDER EVERY_MACRO [CXX]"""
import os
import shutil
import subprocess
import sys
import tempfile

build, meson, pkg_config, nm, template, every_macro = sys.argv[1:7]
cxx = sys.argv[7:]
SKIPPED = 77


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
        shutil.copytree(template, outside)
        run([meson, "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root])
        packages = [path for path, _, files in os.walk(root) if "etl-sdk.pc" in files]
        check("etl-sdk.pc is installed once", len(packages) == 1)
        environment = dict(os.environ, PKG_CONFIG_PATH=packages[0], PKG_CONFIG_SYSROOT_DIR=root)
        flags = run([pkg_config, "--cflags", "etl-sdk"], env=environment).split()
        plugins = run([pkg_config, "--variable=plugindir", "etl-sdk"], env=environment).strip()
        plugins = plugins if plugins.startswith(root) else root + plugins
        check("the plugins are in plugindir", {"transaction.so", "declaration.so"} <= set(os.listdir(plugins)))

        strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        run([compiler, *flags, *strict, "-shared", "-fPIC", "-o", "template.so", "template.c"], cwd=outside)
        run([compiler, *flags, *strict, "-o", "template_test", "template_test.c"], cwd=outside)
        run([os.path.join(outside, "template_test")])
        built = ["template.so"]
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
