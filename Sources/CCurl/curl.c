#define _GNU_SOURCE
#include "CCurl.h"
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Every function used, by its libcurl name: the table and the loader are made from this one list.
#define FUNCTIONS(X)                                                                                                  \
    X(CURLcode, global_init, (long))                                                                                  \
    X(curl_version_info_data *, version_info, (CURLversion))                                                          \
    X(CURL *, easy_init, (void))                                                                                      \
    X(void, easy_cleanup, (CURL *))                                                                                   \
    X(void, easy_reset, (CURL *))                                                                                     \
    X(CURLcode, easy_setopt, (CURL *, CURLoption, ...))                                                               \
    X(CURLcode, easy_getinfo, (CURL *, CURLINFO, ...))                                                                \
    X(const char *, easy_strerror, (CURLcode))                                                                        \
    X(struct curl_slist *, slist_append, (struct curl_slist *, const char *))                                         \
    X(void, slist_free_all, (struct curl_slist *))                                                                    \
    X(CURLM *, multi_init, (void))                                                                                    \
    X(CURLMcode, multi_cleanup, (CURLM *))                                                                            \
    X(CURLMcode, multi_setopt, (CURLM *, CURLMoption, ...))                                                           \
    X(CURLMcode, multi_add_handle, (CURLM *, CURL *))                                                                 \
    X(CURLMcode, multi_remove_handle, (CURLM *, CURL *))                                                              \
    X(CURLMcode, multi_perform, (CURLM *, int *))                                                                     \
    X(CURLMcode, multi_poll, (CURLM *, struct curl_waitfd *, unsigned int, int, int *))                               \
    X(CURLMcode, multi_wakeup, (CURLM *))                                                                             \
    X(CURLMsg *, multi_info_read, (CURLM *, int *))                                                                   \
    X(const char *, multi_strerror, (CURLMcode))                                                                      \
    X(CURLSH *, share_init, (void))                                                                                   \
    X(CURLSHcode, share_setopt, (CURLSH *, CURLSHoption, ...))                                                        \
    X(CURLSHcode, share_cleanup, (CURLSH *))                                                                          \
    X(CURLU *, url, (void))                                                                                           \
    X(void, url_cleanup, (CURLU *))                                                                                   \
    X(CURLUcode, url_get, (const CURLU *, CURLUPart, char **, unsigned int))                                          \
    X(CURLUcode, url_set, (CURLU *, CURLUPart, const char *, unsigned int))                                           \
    X(void, free, (void *))

#define MEMBER(result, name, arguments) result(*name) arguments;
static struct {
    FUNCTIONS(MEMBER)
} curl;

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static char load_error[512];

static void load(void) {
    // The GnuTLS build is Debian's second flavour; it has the same functions.
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    void *library = NULL;
    char first[256] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names && library == NULL; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL && first[0] == 0) {
            const char *why = dlerror();
            snprintf(first, sizeof first, "%s", why ? why : "not found");
        }
    }
    if (library == NULL) {
        snprintf(load_error, sizeof load_error, "libcurl cannot be loaded: %s", first);
        return;
    }
#define FIND(result, name, arguments)                                                                                 \
    *(void **)&curl.name = dlsym(library, "curl_" #name);                                                             \
    if (curl.name == NULL) {                                                                                          \
        snprintf(load_error, sizeof load_error, "libcurl is too old: it has no curl_%s (7.68 or newer is needed)",    \
                 #name);                                                                                              \
        return;                                                                                                       \
    }
    FUNCTIONS(FIND)
    CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) {
        snprintf(load_error, sizeof load_error, "libcurl does not start: %s", curl.easy_strerror(code));
    }
}

const char *ccurl_load(void) {
    pthread_once(&load_once, load);
    return load_error[0] ? load_error : NULL;
}

const char *ccurl_version(void) { return curl.version_info(CURLVERSION_NOW)->version; }
bool ccurl_supports_http2(void) { return curl.version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2; }

CURL *ccurl_easy_init(void) { return curl.easy_init(); }
void ccurl_easy_cleanup(CURL *handle) { curl.easy_cleanup(handle); }
void ccurl_easy_reset(CURL *handle) { curl.easy_reset(handle); }
const char *ccurl_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode ccurl_set_bytes(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl.easy_setopt(handle, option, &blob);
}
CURLcode ccurl_set_data_function(CURL *handle, CURLoption option, ccurl_data_function function) {
    return curl.easy_setopt(handle, option, function);
}
CURLcode ccurl_set_progress_function(CURL *handle, ccurl_progress_function function) {
    return curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, function);
}
CURLcode ccurl_set_seek_function(CURL *handle, ccurl_seek_function function) {
    return curl.easy_setopt(handle, CURLOPT_SEEKFUNCTION, function);
}
CURLcode ccurl_set_prereq_function(CURL *handle, ccurl_prereq_function function) {
    // CURLOPT_PREREQFUNCTION, by number: headers before 7.80 do not name it, and such a library answers an error.
    return curl.easy_setopt(handle, (CURLoption)(CURLOPTTYPE_FUNCTIONPOINT + 312), function);
}

long ccurl_get_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return curl.easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text) {
    return curl.slist_append(list, text);
}
void ccurl_slist_free(struct curl_slist *list) { curl.slist_free_all(list); }

CURLM *ccurl_multi_init(void) { return curl.multi_init(); }
CURLMcode ccurl_multi_cleanup(CURLM *multi) { return curl.multi_cleanup(multi); }
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl.multi_setopt(multi, option, value);
}
CURLMcode ccurl_multi_add(CURLM *multi, CURL *handle) { return curl.multi_add_handle(multi, handle); }
CURLMcode ccurl_multi_remove(CURLM *multi, CURL *handle) { return curl.multi_remove_handle(multi, handle); }
CURLMcode ccurl_multi_perform(CURLM *multi, int *running) { return curl.multi_perform(multi, running); }
CURLMcode ccurl_multi_poll(CURLM *multi, int milliseconds) {
    return curl.multi_poll(multi, NULL, 0, milliseconds, NULL);
}
CURLMcode ccurl_multi_wakeup(CURLM *multi) { return curl.multi_wakeup(multi); }
const char *ccurl_multi_strerror(CURLMcode code) { return curl.multi_strerror(code); }

CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl.multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

struct ccurl_share {
    CURLSH *handle;
    pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
};

static void share_lock(CURL *handle, curl_lock_data data, curl_lock_access access, void *context) {
    (void)handle;
    (void)access;
    pthread_mutex_lock(&((ccurl_share *)context)->locks[data]);
}
static void share_unlock(CURL *handle, curl_lock_data data, void *context) {
    (void)handle;
    pthread_mutex_unlock(&((ccurl_share *)context)->locks[data]);
}

ccurl_share *ccurl_share_create(void) {
    ccurl_share *share = calloc(1, sizeof *share);
    if (share == NULL) return NULL;
    share->handle = curl.share_init();
    if (share->handle == NULL) {
        free(share);
        return NULL;
    }
    for (int i = 0; i < CURL_LOCK_DATA_LAST; i++) pthread_mutex_init(&share->locks[i], NULL);
    curl.share_setopt(share->handle, CURLSHOPT_LOCKFUNC, share_lock);
    curl.share_setopt(share->handle, CURLSHOPT_UNLOCKFUNC, share_unlock);
    curl.share_setopt(share->handle, CURLSHOPT_USERDATA, share);
    curl.share_setopt(share->handle, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl.share_setopt(share->handle, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return share;
}

void ccurl_share_destroy(ccurl_share *share) {
    // A share still in use stays: leaking it is better than pulling it from under a handle.
    if (curl.share_cleanup(share->handle) != CURLSHE_OK) return;
    for (int i = 0; i < CURL_LOCK_DATA_LAST; i++) pthread_mutex_destroy(&share->locks[i]);
    free(share);
}

CURLcode ccurl_set_share(CURL *handle, ccurl_share *share) {
    return curl.easy_setopt(handle, CURLOPT_SHARE, share->handle);
}

CURLU *ccurl_url(void) { return curl.url(); }
void ccurl_url_cleanup(CURLU *url) { curl.url_cleanup(url); }
CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned int flags) {
    return curl.url_set(url, part, text, flags);
}
char *ccurl_url_get(CURLU *url, CURLUPart part, unsigned int flags) {
    char *text = NULL;
    return curl.url_get(url, part, &text, flags) == CURLUE_OK ? text : NULL;
}
void ccurl_free(void *text) { curl.free(text); }

ccurl_sigpipe ccurl_sigpipe_block(void) {
    ccurl_sigpipe state = {false, false};
    sigset_t pipe, old, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (sigpending(&pending) == 0) state.was_pending = sigismember(&pending, SIGPIPE) == 1;
    if (pthread_sigmask(SIG_BLOCK, &pipe, &old) == 0) state.was_blocked = sigismember(&old, SIGPIPE) == 1;
    return state;
}

void ccurl_sigpipe_restore(ccurl_sigpipe state) {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!state.was_pending) {
        const struct timespec now = {0, 0};
        while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR) {
        }
    }
    if (!state.was_blocked) pthread_sigmask(SIG_UNBLOCK, &pipe, NULL);
}
