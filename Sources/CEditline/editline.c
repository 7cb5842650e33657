#include "CEditline.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader.h"
#include "signals.h"

struct CEditline {
    const EditlineLibrary *library;
    EditLine *line;
    History *history;
    FILE *output;
    const char *prompt;
    CEditlineCallbacks callbacks;
    bool plain;  // the terminal understands no escape sequences
    bool interrupted;
    bool ended;
};

static CEditline *owner(EditLine *line) {
    // el_get is the only way from a libedit callback back to us; the library is loaded if a callback runs.
    const char *reason;
    void *self = NULL;
    editline_library(&reason)->get(line, EL_CLIENTDATA, &self);
    return self;
}

static void put(CEditline *self, const char *text, size_t length) {
    fflush(self->output);
    int fd = fileno(self->output);
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text += written;
        length -= (size_t)written;
    }
}

static void put_escape(CEditline *self, const char *text) {
    if (!self->plain) put(self, text, strlen(text));
}

static char *prompt(EditLine *line) { return (char *)owner(line)->prompt; }

// MARK: - Reading characters

static void redraw_resized(CEditline *self) {
    int rows = self->callbacks.rows_above ? self->callbacks.rows_above(self->callbacks.context) : 0;
    char move[32];
    for (; rows > 0; rows--) put_escape(self, "\033[A");
    snprintf(move, sizeof move, "\r\033[J");
    put_escape(self, move);
    self->library->resize(self->line);
    self->library->set(self->line, EL_REFRESH);
}

static void enter_terminal(CEditline *self) {
    // Cooked first: libedit does nothing when it believes that the terminal is raw already.
    self->library->set(self->line, EL_PREP_TERM, 0);
    self->library->set(self->line, EL_PREP_TERM, 1);
    put_escape(self, "\033[?2004h");
}

static void leave_terminal(CEditline *self) {
    put_escape(self, "\033[?2004l");
    self->library->set(self->line, EL_PREP_TERM, 0);
}

/// False when the read is over.
static bool handle_events(CEditline *self, int events) {
    if (events & (EventTerminate | EventHangUp)) {
        leave_terminal(self);
        if (events & EventTerminate) signals_forward(EventTerminate);
        if (events & EventHangUp) signals_forward(EventHangUp);
        events |= EventInterrupt;  // somebody handles it: give the line up and let them go on
    }
    if (events & EventInterrupt) {
        self->interrupted = true;
        return false;
    }
    if (events & EventSuspend) {
        leave_terminal(self);
        signals_suspend();
        events |= EventContinue;
    }
    if (events & EventContinue) {
        enter_terminal(self);
        put_escape(self, "\r");
        self->library->resize(self->line);
        self->library->set(self->line, EL_REFRESH);
    } else if (events & EventResize) {
        redraw_resized(self);
    }
    return true;
}

/// 1 with a byte, 0 at end of file, -1 when the read is over.
static int next_byte(CEditline *self, unsigned char *byte) {
    for (;;) {
        struct pollfd wait[2] = {{STDIN_FILENO, POLLIN, 0}, {signals_descriptor(), POLLIN, 0}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR) return -1;
        if (!handle_events(self, signals_take())) return -1;
        if (!wait[0].revents) continue;
        ssize_t count = read(STDIN_FILENO, byte, 1);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) self->ended = true;  // a terminal that hung up reads as an error
        return count <= 0 ? 0 : 1;
    }
}

/// UTF-8 is decoded here, so that what is typed does not depend on the locale. Ill-formed bytes become U+FFFD.
static int next_character(EditLine *line, wchar_t *character) {
    CEditline *self = owner(line);
    unsigned char byte;
    int status = next_byte(self, &byte);
    if (status != 1) return status;
    int more = byte < 0x80 ? 0 : byte < 0xC2 ? -1 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : byte < 0xF5 ? 3 : -1;
    uint32_t value = more <= 0 ? byte : byte & (0x3F >> more);
    for (int i = 0; i < more; i++) {
        status = next_byte(self, &byte);
        if (status != 1) return status;
        if ((byte & 0xC0) != 0x80) {
            more = -1;
            break;
        }
        value = value << 6 | (byte & 0x3F);
    }
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    bool bad = more < 0 || value < least[more] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000);
    *character = bad ? 0xFFFD : (wchar_t)value;
    return 1;
}

// MARK: - Key functions

static unsigned char key_complete(EditLine *line, wint_t key) {
    (void)key;
    CEditline *self = owner(line);
    if (self->callbacks.complete == NULL) return CC_ERROR;
    switch (self->callbacks.complete(self->callbacks.context)) {
    case CEditlineActionRefresh: return CC_REFRESH;
    case CEditlineActionBeep: return CC_REFRESH_BEEP;
    case CEditlineActionFinish: return CC_NEWLINE;
    default: return CC_NORM;
    }
}

/// Ctrl-D: the end of the input on an empty line, else the character under the cursor goes.
static unsigned char key_delete_or_end(EditLine *line, wint_t key) {
    (void)key;
    CEditline *self = owner(line);
    const LineInfo *info = self->library->line(line);
    if (info->buffer == info->lastchar) {
        self->ended = true;
        return CC_EOF;
    }
    if (info->cursor == info->lastchar) return CC_ERROR;
    self->library->cursor(line, 1);
    self->library->deletestr(line, 1);
    return CC_REFRESH;
}

/// A pasted text goes into the line as it is, newlines and all: nothing in it runs before Enter.
static unsigned char key_paste(EditLine *line, wint_t key) {
    (void)key;
    static const wchar_t end[] = L"\033[201~";
    const size_t end_length = sizeof end / sizeof end[0] - 1;
    const size_t limit = 4 << 20;
    CEditline *self = owner(line);
    size_t count = 0, room = 256;
    wchar_t *text = malloc(room * sizeof *text);
    bool done = false;
    while (text != NULL && count < limit) {
        if (count + 1 >= room) {
            wchar_t *larger = realloc(text, (room *= 2) * sizeof *text);
            if (larger == NULL) break;
            text = larger;
        }
        if (self->library->wgetc(line, &text[count]) != 1) break;
        count++;
        if (count >= end_length && memcmp(text + count - end_length, end, sizeof end - sizeof end[0]) == 0) {
            count -= end_length;
            done = true;
            break;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        wchar_t c = text[i];
        if (c == '\r' && i + 1 < count && text[i + 1] == '\n') continue;
        if (c == '\r') c = '\n';
        if ((c < ' ' && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0)) continue;
        text[kept++] = c;
    }
    while (kept > 0 && text[kept - 1] == '\n') kept--;
    if (text != NULL && done && kept > 0) {
        text[kept] = 0;
        self->library->winsertstr(line, text);
    }
    free(text);
    return done ? CC_REFRESH : CC_ERROR;
}

static void bind_keys(CEditline *self) {
    // What readline users have in their fingers, where libedit's own map differs.
    static const char *const keys[][2] = {
        {"^R", "em-inc-search-prev"},     {"^S", "em-inc-search-next"},    {"^W", "ed-delete-prev-word"},
        {"^U", "vi-kill-line-prev"},      {"\\e[1;5C", "em-next-word"},    {"\\e[1;5D", "ed-prev-word"},
        {"\\e[1;3C", "em-next-word"},     {"\\e[1;3D", "ed-prev-word"},    {"\\e[5C", "em-next-word"},
        {"\\e[5D", "ed-prev-word"},       {"\\e[H", "ed-move-to-beg"},     {"\\eOH", "ed-move-to-beg"},
        {"\\e[1~", "ed-move-to-beg"},     {"\\e[7~", "ed-move-to-beg"},    {"\\e[F", "ed-move-to-end"},
        {"\\eOF", "ed-move-to-end"},      {"\\e[4~", "ed-move-to-end"},    {"\\e[8~", "ed-move-to-end"},
        {"\\e[3~", "ed-delete-next-char"}, {"\\e^?", "ed-delete-prev-word"}, {"\\e^H", "ed-delete-prev-word"},
        {"\\e[5~", "ed-search-prev-history"}, {"\\e[6~", "ed-search-next-history"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        self->library->set(self->line, EL_BIND, keys[i][0], keys[i][1], NULL);
}

static void bind_own_functions(CEditline *self) {
    self->library->set(self->line, EL_BIND, "^I", "dsh-complete", NULL);
    self->library->set(self->line, EL_BIND, "^D", "dsh-delete-or-end", NULL);
    self->library->set(self->line, EL_BIND, "\\e[200~", "dsh-paste", NULL);
}

// MARK: - Life

CEditline *ceditline_open(const char *program, int history_size, bool plain, const char **reason) {
    const EditlineLibrary *library = editline_library(reason);
    if (library == NULL) return NULL;
    CEditline *self = calloc(1, sizeof *self);
    *reason = "out of memory";
    if (self == NULL) return NULL;
    HistEvent event;
    self->library = library;
    self->plain = plain;
    self->prompt = "";
    self->output = isatty(STDOUT_FILENO) ? stdout : stderr;
    self->line = library->init(program, stdin, self->output, stderr);
    self->history = library->history_init();
    if (self->line == NULL || self->history == NULL || !signals_open()) {
        *reason = "the line editor could not be set up on this terminal";
        ceditline_close(self);
        return NULL;
    }
    EditLine *line = self->line;
    library->set(line, EL_CLIENTDATA, self);
    library->set(line, EL_EDITOR, "emacs");
    library->set(line, EL_SIGNAL, 0);
    library->set(line, EL_GETCFN, next_character);
    library->set(line, EL_PROMPT_ESC, prompt, '\1');
    library->history(self->history, &event, H_SETSIZE, history_size);
    library->history(self->history, &event, H_SETUNIQUE, 1);
    library->set(line, EL_HIST, library->history, self->history);
    library->set(line, EL_ADDFN, "dsh-complete", "Complete the word at the cursor", key_complete);
    library->set(line, EL_ADDFN, "dsh-delete-or-end", "Delete a character, or end the input", key_delete_or_end);
    library->set(line, EL_ADDFN, "dsh-paste", "Insert what the terminal pastes", key_paste);
    bind_keys(self);
    library->source(line, NULL);  // ~/.editrc may choose vi keys; ours go on top of either map
    bind_own_functions(self);
    *reason = NULL;
    return self;
}

void ceditline_set_callbacks(CEditline *self, CEditlineCallbacks callbacks) { self->callbacks = callbacks; }

void ceditline_close(CEditline *self) {
    if (self->line != NULL) self->library->end(self->line);
    if (self->history != NULL) self->library->history_end(self->history);
    free(self);
}

CEditlineOutcome ceditline_read(CEditline *self, const char *prompt_text, const char **text) {
    int count = 0;
    self->prompt = prompt_text;
    self->interrupted = false;
    self->ended = false;
    signals_install();
    put_escape(self, "\033[?2004h");
    const char *line = self->library->gets(self->line, &count);
    put_escape(self, "\033[?2004l");
    signals_restore();
    *text = "";
    if (self->interrupted) {
        put(self, "^C\n", 3);
        self->library->reset(self->line);
        return CEditlineInterrupted;
    }
    if (line == NULL || self->ended) {
        put(self, "\n", 1);
        return CEditlineEndOfFile;
    }
    *text = line;
    return CEditlineLine;
}

void ceditline_interrupt(void) { signals_post(EventInterrupt); }

void ceditline_remember(CEditline *self, const char *entry) {
    HistEvent event;
    self->library->history(self->history, &event, H_ENTER, entry);
}

const char *ceditline_text(CEditline *self, size_t *length, size_t *cursor) {
    const LineInfo *info = self->library->line(self->line);
    *length = (size_t)(info->lastchar - info->buffer);
    *cursor = (size_t)(info->cursor - info->buffer);
    return info->buffer;
}

void ceditline_replace(CEditline *self, int before, int after, const char *text) {
    if (after > 0) self->library->cursor(self->line, after);
    if (before + after > 0) self->library->deletestr(self->line, before + after);
    if (*text != 0) self->library->insertstr(self->line, text);
}

void ceditline_redraw(CEditline *self) { self->library->set(self->line, EL_REFRESH); }

void ceditline_write(CEditline *self, const char *text, size_t length) { put(self, text, length); }

int32_t ceditline_next_character(CEditline *self) {
    wchar_t character = 0;
    int status = self->library->wgetc(self->line, &character);
    return status == 1 ? (int32_t)character : -1;
}

bool ceditline_set_utf8_locale(void) {
    static const char *const names[] = {"", "C.UTF-8", "C.utf8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_CTYPE, names[i]) != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
    return false;
}
