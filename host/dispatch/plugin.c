/* SPDX-License-Identifier: MIT
 * Opening a plugin: checks of the file, dlopen and the handshake. */
#include "dispatch/dispatch_impl.h"
#include "base/guard.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 128, VERSION_BYTES = 64, SUMMARY_BYTES = 512 };

/* Removes the path from dlerror()'s text, because the message has it already. */
static bool dl_failed(const char *path, const char *opened, struct error *error)
{
    const char *said = dlerror();
    size_t size = strlen(opened);
    if (!said) said = "no reason given";
    if (!strncmp(said, opened, size) && !strncmp(said + size, ": ", 2)) said += size + 2;
    return error_set(error, "cannot load plugin '%s': %s", path, said);
}

/* Does the file end before the content that its headers announce? Other faults are
 * left to dlopen(). */
static bool ends_early(int file, uint64_t size)
{
    enum { OWN_CLASS = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32 };
    ElfW(Ehdr) header;
    if (pread(file, &header, sizeof header, 0) != sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) ||
        header.e_ident[EI_CLASS] != OWN_CLASS || header.e_phentsize != sizeof(ElfW(Phdr)))
        return false;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        ElfW(Phdr) part;
        if (pread(file, &part, sizeof part, (off_t)(header.e_phoff + i * sizeof part)) != sizeof part) return true;
        if (part.p_type == PT_LOAD && (part.p_offset > size || part.p_filesz > size - part.p_offset)) return true;
    }
    return false;
}

/* dlopen() trusts the headers of a truncated file, and crashes. */
static bool check_whole(const char *path, uint64_t size, struct error *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool cut = file >= 0 && ends_early(file, size);
    if (file >= 0) close(file);
    return !cut || error_set(error, "cannot load plugin '%s': the file is cut off: build it, or copy it, anew", path);
}

static bool open_library(struct loaded *loaded, const char *path, struct error *error)
{
    struct stat status;
    bool found = !stat(path, &status); /* if not, dlopen() says why */
    if (found && !S_ISREG(status.st_mode))
        return error_set(error, "cannot load plugin '%s': it is not a regular file", path);
    if (found && !check_whole(path, (uint64_t)status.st_size, error)) return false;
    /* dlopen() would look up a bare name in library folders */
    char *file = strchr(path, '/') ? copy_text(path) : format_text("./%s", path);
    guard_call_init(&loaded->call, path, "a constructor");
    guard_enter(&loaded->call, NULL);
    loaded->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    guard_leave();
    if (!loaded->handle) dl_failed(path, file, error);
    free(file);
    return loaded->handle;
}

static void *find_symbol(const struct loaded *loaded, const char *name, struct error *error)
{
    void *symbol = dlsym(loaded->handle, name);
    if (symbol) return symbol;
    error_set(error, "plugin '%s' has no symbol '%s': is it a plugin built with ETL_PLUGIN?", loaded->plugin.path, name);
    return NULL;
}

/* Checks the version before the size: the rest of another major version is not known. */
static bool check_version(const struct etl_plugin_info *info, const char *path, struct error *error)
{
    const char *age = info->abi_major < ETL_ABI_MAJOR ? "an older" : "a newer";
    if (info->magic != ETL_MAGIC)
        return error_set(error, "plugin '%s': etl_plugin_info begins with %#x, not %#x: is it built with ETL_PLUGIN?", path,
                         info->magic, ETL_MAGIC);
    if (info->abi_major == ETL_ABI_MAJOR && info->abi_minor <= ETL_ABI_MINOR) return true;
    return error_set(error, "plugin '%s' wants ABI %u.%u, this host has %u.%u: "
                            "build it against this host's etl.h, or run %s etl-host",
                     path, info->abi_major, info->abi_minor, ETL_ABI_MAJOR, ETL_ABI_MINOR, age);
}

static bool check_info(struct loaded *loaded, const struct etl_plugin_info *given, struct error *error)
{
    const char *path = loaded->plugin.path;
    struct etl_plugin_info info;
    struct error why;
    if (!check_version(given, path, error)) return false;
    if (!struct_take(&info, sizeof info, sizeof info, given, given->size, "etl_plugin_info", &why) ||
        !name_check(info.name, "its name", NAME_BYTES, &why) || !name_check(info.version, "its version", VERSION_BYTES, &why) ||
        !name_check(info.summary, "its summary", SUMMARY_BYTES, &why))
        return error_set(error, "plugin '%s': %s", path, why.text);
    loaded->plugin.name = info.name;
    loaded->plugin.version = info.version;
    loaded->plugin.summary = info.summary;
    return true;
}

bool plugin_open(struct loaded *loaded, const char *path, struct error *error)
{
    loaded->plugin.path = path;
    if (!open_library(loaded, path, error)) return false;
    const struct etl_plugin_info *info = find_symbol(loaded, "etl_plugin_info", error);
    if (!info) return false;
    guard_call_init(&loaded->call, path, "etl_plugin_info");
    guard_enter(&loaded->call, NULL); /* the plugin may lie about its size */
    bool fits = check_info(loaded, info, error);
    guard_leave();
    if (!fits) return false;
    *(void **)&loaded->init = find_symbol(loaded, "etl_plugin_init", error);
    return loaded->init;
}
