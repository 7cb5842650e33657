#include "CBzip2.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int (*decompress_init)(bz_stream *, int, int);
static int (*decompress)(bz_stream *);
static int (*decompress_end)(bz_stream *);

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static char load_error[256];

static void load(void) {
    // Debian's name and other systems'.
    static const char *const names[] = {"libbz2.so.1.0", "libbz2.so.1"};
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && library == NULL; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
    if (library == NULL) {
        const char *why = dlerror();
        snprintf(load_error, sizeof load_error, "libbz2 cannot be loaded: %s", why ? why : "not found");
        return;
    }
    *(void **)&decompress_init = dlsym(library, "BZ2_bzDecompressInit");
    *(void **)&decompress = dlsym(library, "BZ2_bzDecompress");
    *(void **)&decompress_end = dlsym(library, "BZ2_bzDecompressEnd");
    if (!decompress_init || !decompress || !decompress_end) {
        snprintf(load_error, sizeof load_error, "libbz2 has no decoder");
    }
}

const char *cbzip2_load(void) {
    pthread_once(&load_once, load);
    return load_error[0] ? load_error : NULL;
}

bz_stream *cbzip2_new(void) {
    bz_stream *stream = calloc(1, sizeof *stream);
    if (stream && decompress_init(stream, 0, 0) != BZ_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

void cbzip2_free(bz_stream *stream) {
    decompress_end(stream);
    free(stream);
}

int cbzip2_restart(bz_stream *stream) {
    decompress_end(stream);
    return decompress_init(stream, 0, 0);
}

int cbzip2_step(bz_stream *stream, const uint8_t *in, uint32_t *input, uint8_t *out, uint32_t *output) {
    stream->next_in = (char *)in;
    stream->avail_in = *input;
    stream->next_out = (char *)out;
    stream->avail_out = *output;
    int code = decompress(stream);
    *input -= stream->avail_in;
    *output -= stream->avail_out;
    return code;
}
