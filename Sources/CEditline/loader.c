#include "loader.h"

#include <dlfcn.h>
#include <pthread.h>

static EditlineLibrary library;
static const char *failure;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    static const struct {
        const char *name;
        void **slot;
    } symbols[] = {
        {"el_init", (void **)&library.init},
        {"el_end", (void **)&library.end},
        {"el_reset", (void **)&library.reset},
        {"el_gets", (void **)&library.gets},
        {"el_wgetc", (void **)&library.wgetc},
        {"el_set", (void **)&library.set},
        {"el_get", (void **)&library.get},
        {"el_source", (void **)&library.source},
        {"el_resize", (void **)&library.resize},
        {"el_line", (void **)&library.line},
        {"el_insertstr", (void **)&library.insertstr},
        {"el_winsertstr", (void **)&library.winsertstr},
        {"el_deletestr", (void **)&library.deletestr},
        {"el_cursor", (void **)&library.cursor},
        {"history_init", (void **)&library.history_init},
        {"history_end", (void **)&library.history_end},
        {"history", (void **)&library.history},
    };
    // RTLD_LOCAL: libedit also exports readline's names, which must not answer for anybody else's.
    void *handle = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) handle = dlopen("libedit.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        failure = dlerror();
        return;
    }
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        *symbols[i].slot = dlsym(handle, symbols[i].name);
        if (*symbols[i].slot == NULL) {
            failure = symbols[i].name;
            return;
        }
    }
}

const EditlineLibrary *editline_library(const char **reason) {
    pthread_once(&once, load);
    *reason = failure;
    return failure == NULL ? &library : NULL;
}
