#pragma once
#include <histedit.h>

/// The functions of libedit that dsh uses.
typedef struct {
    EditLine *(*init)(const char *, FILE *, FILE *, FILE *);
    void (*end)(EditLine *);
    void (*reset)(EditLine *);
    const char *(*gets)(EditLine *, int *);
    int (*wgetc)(EditLine *, wchar_t *);
    int (*set)(EditLine *, int, ...);
    int (*get)(EditLine *, int, ...);
    int (*source)(EditLine *, const char *);
    void (*resize)(EditLine *);
    const LineInfo *(*line)(EditLine *);
    int (*insertstr)(EditLine *, const char *);
    int (*winsertstr)(EditLine *, const wchar_t *);
    void (*deletestr)(EditLine *, int);
    int (*cursor)(EditLine *, int);
    History *(*history_init)(void);
    void (*history_end)(History *);
    int (*history)(History *, HistEvent *, int, ...);
} EditlineLibrary;

/// The loaded library, or null with the loader's words in `*reason`.
const EditlineLibrary *editline_library(const char **reason);
