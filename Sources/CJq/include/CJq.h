#pragma once
#include <jq.h>
#include <jv.h>

/* libjq, with a floor under it. libjq ends the process when an assertion of its own fails, when memory runs out, when a
 * remainder overflows, and when it recurses through a value nested a few million levels deep. The functions below run libjq so
 * that each of these comes back as a failure instead. After one, the state and every value handed in are lost: their memory
 * is leaked, and the state must not be used again. */

typedef enum {
    CJQ_DONE = 0,
    CJQ_ASSERTION, /* libjq's own bug, met by odd input; the text is in `reason` */
    CJQ_NO_MEMORY,
    CJQ_ARITHMETIC,
    CJQ_STACK,
} cjq_outcome;

typedef struct {
    cjq_outcome outcome;
    char reason[200];
} cjq_failure;

/* Each is the libjq function of the same name; values are consumed as there. CJQ_DONE or why it failed. */
cjq_outcome cjq_compile(jq_state *state, const char *text, int *compiled, cjq_failure *failure);
cjq_outcome cjq_start(jq_state *state, jv input, cjq_failure *failure);
cjq_outcome cjq_next(jq_state *state, jv *output, cjq_failure *failure);
cjq_outcome cjq_free(jv value, cjq_failure *failure);
cjq_outcome cjq_teardown(jq_state *state, cjq_failure *failure);

/* Stops `state`, which another thread is in the midst of evaluating; nothing where it has halted already. */
void cjq_halt(jq_state *state);

/* Makes memory exhaustion in this state reach the guards. */
void cjq_prepare(jq_state *state);

/* Has the heaps of threads started from now on begin with 32 MB of address space. libc otherwise makes them grow by a page at a
 * time, a system call each: hundreds while jq's builtins are compiled, thousands for a large value. */
void cjq_prepare_heaps(void);

/* Gives free memory back to the system. */
void cjq_trim(void);
