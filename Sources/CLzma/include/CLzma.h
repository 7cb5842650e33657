// liblzma's decoder for xz, loaded with dlopen at the first xz stream: few starts of dsh meet one. Only the header is
// needed to build; nothing here is linked.
#pragma once

#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>

// Loads liblzma once for the process, from any thread. Returns NULL when it is ready, else why it is not (a static
// text). The functions below may be called only after this returned NULL.
const char *_Nullable clzma_load(void);

// A decoder for xz streams that follow each other, using no more than `memory` bytes; NULL without memory.
lzma_stream *_Nullable clzma_new(uint64_t memory);
void clzma_free(lzma_stream *_Nonnull stream);

// One step: `input` and `output` are lengths on the way in, bytes used on the way out. With `last` set nothing follows
// the input. Returns liblzma's code.
lzma_ret clzma_step(
    lzma_stream *_Nonnull stream, const uint8_t *_Nullable in, size_t *_Nonnull input, uint8_t *_Nonnull out,
    size_t *_Nonnull output, bool last);
