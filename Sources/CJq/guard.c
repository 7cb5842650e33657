#define _GNU_SOURCE
#include "CJq.h"

#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* The guarded call that this thread is in, innermost; libjq is the only code between it and what jumps back to it. */
struct guard {
    sigjmp_buf back;
    cjq_failure *failure;
    struct guard *outer;
};

static __thread struct guard *current;
/* The lowest usable address of this thread's stack; 0 until asked for. */
static __thread uintptr_t stack_floor;

static uintptr_t libjq_start, libjq_end;
static struct sigaction previous_segv, previous_bus, previous_fpe;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t alternate_stack;

enum { signal_stack_size = 64 * 1024, stripe = 4096, stripes = 16 };

static _Noreturn void leave(cjq_outcome outcome, const char *reason) {
    struct guard *guard = current;
    guard->failure->outcome = outcome;
    snprintf(guard->failure->reason, sizeof guard->failure->reason, "%s", reason);
    siglongjmp(guard->back, 1);
}

/* What assert() calls. libjq's asserts are enabled on Debian; a definition in the program comes before libc's. Outside of a
 * guarded call it does as libc's does. */
_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned int line, const char *function) {
    char text[200];
    snprintf(text, sizeof text, "%s:%u: assertion `%s' failed", file, line, assertion);
    if (current) leave(CJQ_ASSERTION, text);
    dprintf(STDERR_FILENO, "%s (%s)\n", text, function ? function : "?");
    abort();
}

/* What libjq reads files with, which is how it comes to ~/.jq: a file there would redefine builtins in every filter, and one
 * with a mistake in it fail them all. A definition in the program comes before libjq's own: every file is empty. */
jv jv_load_file(const char *name, int raw) {
    (void)name, (void)raw;
    return jv_string("");
}

static void no_memory(void *unused) {
    (void)unused;
    if (current) leave(CJQ_NO_MEMORY, "cannot allocate memory");
}

/* A fault inside libc may have interrupted malloc with its lock held: jumping away would lock it for ever. So there the
 * stack is given another page, and libjq's own next fault is the one that jumps. */
static int lend_page(uintptr_t address) {
    static __thread int lent;
    if (lent++ >= stripes) return 0;
    uintptr_t page = address & ~(uintptr_t)(stripe - 1);
    return mprotect((void *)page, stripe, PROT_READ | PROT_WRITE) == 0;
}

static void pass_on(int signal, siginfo_t *info, void *context, struct sigaction *previous) {
    if (previous->sa_flags & SA_SIGINFO) {
        previous->sa_sigaction(signal, info, context);
    } else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) {
        previous->sa_handler(signal);
    } else {
        /* Returning runs the instruction again, now with the default action. */
        struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(signal, &standard, NULL);
    }
}

static uintptr_t program_counter(void *context) {
#if defined(__x86_64__)
    return (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)((ucontext_t *)context)->uc_mcontext.pc;
#else
    (void)context;
    return libjq_start;
#endif
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    uintptr_t address = (uintptr_t)info->si_addr;
    const uintptr_t reach = 1 << 20;
    if (current && stack_floor && address + reach > stack_floor && address < stack_floor + reach) {
        uintptr_t at = program_counter(context);
        if (at >= libjq_start && at < libjq_end) leave(CJQ_STACK, "nested too deeply");
        if (lend_page(address)) return;
    }
    pass_on(signal, info, context, signal == SIGBUS ? &previous_bus : &previous_segv);
}

static void on_arithmetic(int signal, siginfo_t *info, void *context) {
    if (current) leave(CJQ_ARITHMETIC, "the remainder is too large");
    pass_on(signal, info, context, &previous_fpe);
}

static int find_libjq(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    uintptr_t inside = (uintptr_t)&jv_invalid, start = UINTPTR_MAX, end = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_LOAD) continue;
        uintptr_t from = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
        uintptr_t to = from + object->dlpi_phdr[i].p_memsz;
        if (from < start) start = from;
        if (to > end) end = to;
    }
    if (inside < start || inside >= end) return 0;
    libjq_start = start;
    libjq_end = end;
    return 1;
}

static void release_signal_stack(void *stack) {
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(stack, signal_stack_size);
}

static void install(void) {
    dl_iterate_phdr(find_libjq, NULL);
    pthread_key_create(&alternate_stack, release_signal_stack);
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = on_fault;
    sigaction(SIGSEGV, &action, &previous_segv);
    sigaction(SIGBUS, &action, &previous_bus);
    action.sa_sigaction = on_arithmetic;
    sigaction(SIGFPE, &action, &previous_fpe);
}

/* Once a thread: where its stack ends, and another for the handler of a fault there. */
static void prepare_thread(void) {
    pthread_once(&once, install);
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
    void *low = NULL;
    size_t size = 0;
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && present.ss_flags & SS_DISABLE) {
        void *memory = mmap(NULL, signal_stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return;
        stack_t mine = {.ss_sp = memory, .ss_size = signal_stack_size};
        sigaltstack(&mine, NULL);
        pthread_setspecific(alternate_stack, memory);
    }
    stack_floor = (uintptr_t)low;
}

static void enter(struct guard *guard, cjq_failure *failure) {
    if (!stack_floor) prepare_thread();
    failure->outcome = CJQ_DONE;
    guard->failure = failure;
    guard->outer = current;
    current = guard;
}

#define GUARDED(call)                       \
    struct guard guard;                     \
    enter(&guard, failure);                 \
    if (sigsetjmp(guard.back, 0) == 0) {    \
        call;                               \
    }                                       \
    current = guard.outer;                  \
    return failure->outcome

cjq_outcome cjq_compile(jq_state *state, const char *text, int *compiled, cjq_failure *failure) {
    GUARDED(*compiled = jq_compile(state, text));
}

cjq_outcome cjq_start(jq_state *state, jv input, cjq_failure *failure) {
    GUARDED(jq_start(state, input, 0));
}

cjq_outcome cjq_next(jq_state *state, jv *output, cjq_failure *failure) {
    GUARDED(*output = jq_next(state));
}

cjq_outcome cjq_free(jv value, cjq_failure *failure) {
    GUARDED(jv_free(value));
}

cjq_outcome cjq_teardown(jq_state *state, cjq_failure *failure) {
    GUARDED(jq_teardown(&state));
}

static cjq_outcome halt(jq_state *state, cjq_failure *failure) {
    /* Asserts that nothing has halted it yet, which the filter itself may do this very moment. */
    GUARDED(if (!jq_halted(state)) jq_halt(state, jv_invalid(), jv_invalid()));
}

void cjq_halt(jq_state *state) {
    cjq_failure failure;
    halt(state, &failure);
}

void cjq_prepare(jq_state *state) {
    jq_set_nomem_handler(state, no_memory, NULL);
}

void cjq_trim(void) {
    malloc_trim(0);
}

static void set_heaps(void) {
    mallopt(M_TOP_PAD, 32 << 20);
}

void cjq_prepare_heaps(void) {
    static pthread_once_t heaps = PTHREAD_ONCE_INIT;
    pthread_once(&heaps, set_heaps);
}
