#pragma once
#include <stdbool.h>

/// What happened while a line was being read, as bits.
enum {
    EventInterrupt = 1,
    EventResize = 2,
    EventSuspend = 4,
    EventContinue = 8,
    EventTerminate = 16,
    EventHangUp = 32,
};

/// Signals become events on a descriptor that the reader polls. The handlers only set a bit and wake the reader, so
/// it does not matter which thread the kernel hands a signal to, and nothing of libedit runs inside a handler.
bool signals_open(void);
int signals_descriptor(void);
int signals_take(void);
void signals_post(int event);

/// Puts our handlers in place for the time of one read, and back.
void signals_install(void);
void signals_restore(void);

/// Stops the process as Ctrl-Z does; returns when it is continued.
void signals_suspend(void);
/// Gives SIGTERM or SIGHUP to whoever handled it before us.
void signals_forward(int event);
