#pragma once

/* Linked statically: only some commands use it, and the shared library would be loaded at every start. */
#include <sqlite3.h>
