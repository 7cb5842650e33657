#pragma once
#include <stddef.h>
#include <stdint.h>
#include <spawn.h>

// Linux calls and macros that Swift's Glibc module does not carry. Failing calls return -1 and set errno.

// open(2) is variadic; O_CLOEXEC always, as a child would inherit a lock otherwise.
int dsh_open(const char *path, int flags, unsigned mode);
// A new file in `directory` that has no name, and goes with its last descriptor (O_TMPFILE).
int dsh_open_unnamed(const char *directory, unsigned mode);
// Gives such a file a name that must be free.
int dsh_link_unnamed(int descriptor, const char *path);
// Renames where nothing has the new name, EEXIST otherwise (renameat2(2), RENAME_NOREPLACE); EINVAL where the file system cannot.
int dsh_rename_new(const char *from, const char *to);
// What two names stand for changes places at once (RENAME_EXCHANGE); ENOENT where one is not there.
int dsh_exchange(const char *one, const char *other);
// pipe2(2) with O_CLOEXEC: a program that another thread starts meanwhile must not inherit the ends.
int dsh_pipe(int ends[2]);
// posix_spawn's file action that closes every descriptor from `first` on, which <spawn.h> shows to GNU sources only.
int dsh_spawn_close_from(posix_spawn_file_actions_t *actions, int first);
// flock(2), whose name Swift gives to the struct.
int dsh_flock(int descriptor, int operation);
// Starts writing a range out without waiting; failing is harmless, as fdatasync follows.
void dsh_start_writeback(int descriptor, int64_t offset, int64_t length);
// Reserves room on the disk for a range, beyond the file's end too, whose size stays: 0, or an errno.
int dsh_reserve(int descriptor, int64_t offset, int64_t length);
// The calling thread runs only when nothing else wants the processor or the disk.
void dsh_idle_priority(void);
// A directory entry's name; `entry` is a struct dirent.
const char *dsh_entry_name(const void *entry);
unsigned dsh_major(uint64_t device);
unsigned dsh_minor(uint64_t device);
// llistxattr(2) and lgetxattr(2).
ptrdiff_t dsh_list_attributes(const char *path, char *names, size_t size);
ptrdiff_t dsh_get_attribute(const char *path, const char *name, void *value, size_t size);
// What debuggers call the calling thread; the first 15 bytes count.
void dsh_name_thread(const char *name);
// The lowest address of the calling thread's stack, and the stack's size; -1 where unknown.
int dsh_stack(uintptr_t *lowest, size_t *size);
