#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

int dsh_open(const char *path, int flags, unsigned mode) { return open(path, flags | O_CLOEXEC, (mode_t)mode); }

int dsh_open_unnamed(const char *directory, unsigned mode) {
    return open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, (mode_t)mode);
}

int dsh_link_unnamed(int descriptor, const char *path) {
    // AT_EMPTY_PATH would need a capability; this is what open(2) shows.
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int dsh_rename_new(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int dsh_exchange(const char *one, const char *other) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

int dsh_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int dsh_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int dsh_flock(int descriptor, int operation) { return flock(descriptor, operation); }

void dsh_start_writeback(int descriptor, int64_t offset, int64_t length) {
    (void)sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE);
}

int dsh_reserve(int descriptor, int64_t offset, int64_t length) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length) == 0 ? 0 : errno;
}

void dsh_idle_priority(void) {
    struct sched_param parameters;
    memset(&parameters, 0, sizeof parameters);
    (void)sched_setscheduler(0, SCHED_IDLE, &parameters);
    // The kernel's IOPRIO_WHO_PROCESS is 1 and, with 0, means this thread; class 3 is idle.
    (void)syscall(SYS_ioprio_set, 1, 0, 3 << 13);
}

const char *dsh_entry_name(const void *entry) { return ((const struct dirent *)entry)->d_name; }

unsigned dsh_major(uint64_t device) { return major(device); }
unsigned dsh_minor(uint64_t device) { return minor(device); }

ptrdiff_t dsh_list_attributes(const char *path, char *names, size_t size) { return llistxattr(path, names, size); }

ptrdiff_t dsh_get_attribute(const char *path, const char *name, void *value, size_t size) {
    return lgetxattr(path, name, value, size);
}

void dsh_name_thread(const char *name) {
    char cut[16] = "";
    strncpy(cut, name, sizeof cut - 1);
    (void)pthread_setname_np(pthread_self(), cut);
}

int dsh_stack(uintptr_t *lowest, size_t *size) {
    pthread_attr_t attributes;
    void *address = NULL;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return -1;
    int result = pthread_attr_getstack(&attributes, &address, size);
    pthread_attr_destroy(&attributes);
    *lowest = (uintptr_t)address;
    return result == 0 ? 0 : -1;
}
