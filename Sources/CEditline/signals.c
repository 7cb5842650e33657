#include "signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct {
    int signal;
    int event;
} handled[] = {
    {SIGINT, EventInterrupt}, {SIGWINCH, EventResize},   {SIGTSTP, EventSuspend},
    {SIGCONT, EventContinue}, {SIGTERM, EventTerminate}, {SIGHUP, EventHangUp},
    {SIGQUIT, 0},
};
enum { handled_count = sizeof handled / sizeof handled[0] };

static struct sigaction previous[handled_count];
static atomic_int wake = -1;
static atomic_int events;

bool signals_open(void) {
    if (atomic_load(&wake) < 0) atomic_store(&wake, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    return atomic_load(&wake) >= 0;
}

int signals_descriptor(void) { return atomic_load(&wake); }

void signals_post(int event) {
    int saved = errno;
    atomic_fetch_or(&events, event);
    int fd = atomic_load(&wake);
    uint64_t one = 1;
    if (fd >= 0 && write(fd, &one, sizeof one) < 0) { /* a full counter wakes the reader as well */
    }
    errno = saved;
}

int signals_take(void) {
    uint64_t count;
    if (read(atomic_load(&wake), &count, sizeof count) < 0) { /* nothing was waiting */
    }
    return atomic_exchange(&events, 0);
}

static void on_signal(int number) {
    for (int i = 0; i < handled_count; i++)
        if (handled[i].signal == number && handled[i].event != 0) signals_post(handled[i].event);
}

void signals_install(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    signals_take();
    for (int i = 0; i < handled_count; i++) {
        sigaction(handled[i].signal, NULL, &previous[i]);
        // A stop or hang-up that was ignored when dsh was started (no job control, nohup) stays ignored.
        bool keep = handled[i].signal == SIGTSTP || handled[i].signal == SIGHUP;
        if (keep && previous[i].sa_handler == SIG_IGN) continue;
        sigaction(handled[i].signal, &action, NULL);
    }
}

void signals_restore(void) {
    for (int i = 0; i < handled_count; i++) sigaction(handled[i].signal, &previous[i], NULL);
}

static void raise_as(int number, const struct sigaction *action) {
    struct sigaction own;
    sigset_t set, old;
    sigaction(number, action, &own);
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, &old);
    raise(number);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    sigaction(number, &own, NULL);
}

void signals_suspend(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigemptyset(&standard.sa_mask);
    raise_as(SIGTSTP, &standard);
    // The continue signal that woke us is dealt with by the caller's redraw.
    atomic_fetch_and(&events, ~EventContinue);
}

void signals_forward(int event) {
    for (int i = 0; i < handled_count; i++)
        if (handled[i].event == event) raise_as(handled[i].signal, &previous[i]);
}
