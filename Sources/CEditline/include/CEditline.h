#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// libedit behind a table of function pointers, loaded at first use: linked in, it and the three libraries it pulls
/// would cost every start 0.3 ms, and only the prompt ever needs it. One editor may read at a time in a process.
typedef struct CEditline CEditline;

/// What a key function of the owner asks the editor to do when it returns.
typedef enum {
    CEditlineActionNone = 0,     ///< the owner has drawn what there is to draw
    CEditlineActionRefresh = 1,  ///< the line has changed
    CEditlineActionBeep = 2,     ///< nothing to do here
    CEditlineActionFinish = 3,   ///< the line is done, as on Enter
} CEditlineAction;

typedef enum {
    CEditlineLine = 0,
    CEditlineEndOfFile = 1,
    CEditlineInterrupted = 2,
} CEditlineOutcome;

typedef struct {
    void *context;
    /// Tab was pressed.
    CEditlineAction (*complete)(void *context);
    /// Rows of the drawing above the cursor, at the terminal's present width; asked after a resize.
    int (*rows_above)(void *context);
} CEditlineCallbacks;

/// Loads the library and opens an editor on standard input and output (standard error where output is no terminal).
/// Null on failure, with the reason in `reason` (a static or loader-owned text).
CEditline *ceditline_open(const char *program, int history_size, bool plain, const char **reason);
void ceditline_set_callbacks(CEditline *editor, CEditlineCallbacks callbacks);
void ceditline_close(CEditline *editor);

/// Reads one line. The text, without its newline, stays valid until the next call. `prompt` may hold escape
/// sequences between \1 and \1.
CEditlineOutcome ceditline_read(CEditline *editor, const char *prompt, const char **text);

/// Ends the read that is under way as Ctrl-C would. Callable from any thread and from a signal handler.
void ceditline_interrupt(void);

void ceditline_remember(CEditline *editor, const char *entry);

/// The line being edited, UTF-8; `*cursor` is the cursor's byte offset. Valid until the next call into the editor.
const char *ceditline_text(CEditline *editor, size_t *length, size_t *cursor);

/// Replaces `before` characters left of the cursor and `after` right of it with `text`.
void ceditline_replace(CEditline *editor, int before, int after, const char *text);

/// Draws prompt and line anew, at the cursor's present place on the screen.
void ceditline_redraw(CEditline *editor);

/// Writes text to the terminal past the editor's own drawing.
void ceditline_write(CEditline *editor, const char *text, size_t length);

/// The next character typed, or a negative number at end of file or on Ctrl-C.
int32_t ceditline_next_character(CEditline *editor);

/// Makes LC_CTYPE a UTF-8 locale, falling back to C.UTF-8; without one libedit drops what is not ASCII.
bool ceditline_set_utf8_locale(void);
