#pragma once
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

// A gzip member's decoder, header and checksum included; NULL without memory.
static inline struct inflate_state *dsh_inflate_new(void) {
    struct inflate_state *state = calloc(1, sizeof *state);
    if (state) {
        isal_inflate_init(state);
        state->crc_flag = ISAL_GZIP;
    }
    return state;
}

// Ready for the next member.
static inline void dsh_inflate_restart(struct inflate_state *state) {
    isal_inflate_init(state);
    state->crc_flag = ISAL_GZIP;
}

// One step: `input` and `output` are lengths on the way in, bytes used on the way out. Returns ISA-L's code;
// `finished` is set once the member's checksum was read and found right.
static inline int dsh_inflate_step(
    struct inflate_state *state, const uint8_t *in, uint32_t *input, uint8_t *out, uint32_t *output, int *finished
) {
    uint32_t had = *input, room = *output;
    state->next_in = (uint8_t *)in;
    state->avail_in = had;
    state->next_out = out;
    state->avail_out = room;
    int code = isal_inflate(state);
    *input = had - state->avail_in;
    *output = room - state->avail_out;
    *finished = state->block_state == ISAL_BLOCK_FINISH;
    return code;
}

// A gzip encoder at ISA-L's best level, with the work memory that level wants; NULL without memory.
static inline struct isal_zstream *dsh_deflate_new(void) {
    struct isal_zstream *stream = calloc(1, sizeof *stream);
    uint8_t *work = stream ? malloc(ISAL_DEF_LVL3_DEFAULT) : NULL;
    if (!work) {
        free(stream);
        return NULL;
    }
    isal_deflate_init(stream);
    stream->level = 3;
    stream->level_buf = work;
    stream->level_buf_size = ISAL_DEF_LVL3_DEFAULT;
    stream->gzip_flag = IGZIP_GZIP;
    return stream;
}

static inline void dsh_deflate_free(struct isal_zstream *stream) {
    if (stream) {
        free(stream->level_buf);
        free(stream);
    }
}

// One step, as above; with `last` set, `finished` is set once the trailer is out.
static inline int dsh_deflate_step(
    struct isal_zstream *stream, const uint8_t *in, uint32_t *input, uint8_t *out, uint32_t *output, int last,
    int *finished
) {
    uint32_t had = *input, room = *output;
    stream->next_in = (uint8_t *)in;
    stream->avail_in = had;
    stream->next_out = out;
    stream->avail_out = room;
    stream->end_of_stream = last != 0;
    stream->flush = NO_FLUSH;
    int code = isal_deflate(stream);
    *input = had - stream->avail_in;
    *output = room - stream->avail_out;
    *finished = stream->internal_state.state == ZSTATE_END;
    return code;
}
