#include "CLzma.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static lzma_ret (*stream_decoder)(lzma_stream *, uint64_t, uint32_t);
static lzma_ret (*code)(lzma_stream *, lzma_action);
static void (*end)(lzma_stream *);

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static char load_error[256];

static void load(void) {
    void *library = dlopen("liblzma.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *why = dlerror();
        snprintf(load_error, sizeof load_error, "liblzma cannot be loaded: %s", why ? why : "not found");
        return;
    }
    *(void **)&stream_decoder = dlsym(library, "lzma_stream_decoder");
    *(void **)&code = dlsym(library, "lzma_code");
    *(void **)&end = dlsym(library, "lzma_end");
    if (!stream_decoder || !code || !end) {
        snprintf(load_error, sizeof load_error, "liblzma has no decoder");
    }
}

const char *clzma_load(void) {
    pthread_once(&load_once, load);
    return load_error[0] ? load_error : NULL;
}

lzma_stream *clzma_new(uint64_t memory) {
    lzma_stream *stream = malloc(sizeof *stream);
    if (stream == NULL) return NULL;
    *stream = (lzma_stream)LZMA_STREAM_INIT;
    if (stream_decoder(stream, memory, LZMA_CONCATENATED) != LZMA_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

void clzma_free(lzma_stream *stream) {
    end(stream);
    free(stream);
}

lzma_ret clzma_step(
    lzma_stream *stream, const uint8_t *in, size_t *input, uint8_t *out, size_t *output, bool last
) {
    stream->next_in = in;
    stream->avail_in = *input;
    stream->next_out = out;
    stream->avail_out = *output;
    lzma_ret result = code(stream, last ? LZMA_FINISH : LZMA_RUN);
    *input -= stream->avail_in;
    *output -= stream->avail_out;
    return result;
}
