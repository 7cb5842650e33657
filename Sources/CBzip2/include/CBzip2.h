// libbz2's decoder, loaded with dlopen at the first bzip2 stream: few starts of dsh meet one. Only the header is needed
// to build; nothing here is linked.
#pragma once

#include <bzlib.h>
#include <stdint.h>

// Loads libbz2 once for the process, from any thread. Returns NULL when it is ready, else why it is not (a static text).
// The functions below may be called only after this returned NULL.
const char *_Nullable cbzip2_load(void);

// A decoder for one stream after the other; NULL without memory.
bz_stream *_Nullable cbzip2_new(void);
void cbzip2_free(bz_stream *_Nonnull stream);

// Ready for the next stream. Returns libbz2's code.
int cbzip2_restart(bz_stream *_Nonnull stream);

// One step: `input` and `output` are lengths on the way in, bytes used on the way out. Returns libbz2's code.
int cbzip2_step(
    bz_stream *_Nonnull stream, const uint8_t *_Nullable in, uint32_t *_Nonnull input, uint8_t *_Nonnull out,
    uint32_t *_Nonnull output);
