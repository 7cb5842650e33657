// libcurl, loaded with dlopen at the first network use: linking it would cost every command the start-up time of
// its thirty-odd libraries. Only the header is needed to build; nothing here is linked.
#pragma once

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>

// Loads libcurl once for the process, from any thread. Returns NULL when it is ready, else why it is not
// (a static text). Every other function below may be called only after this returned NULL.
const char *_Nullable ccurl_load(void);

// The version text of the loaded library.
const char *_Nonnull ccurl_version(void);
bool ccurl_supports_http2(void);

// Easy handles.
CURL *_Nullable ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *_Nonnull handle);
void ccurl_easy_reset(CURL *_Nonnull handle);
const char *_Nonnull ccurl_easy_strerror(CURLcode code);

// One function per kind of argument of the variadic curl_easy_setopt.
CURLcode ccurl_set_long(CURL *_Nonnull handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *_Nonnull handle, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *_Nonnull handle, CURLoption option, const char *_Nullable value);
CURLcode ccurl_set_pointer(CURL *_Nonnull handle, CURLoption option, void *_Nullable value);

// What libcurl copies: a `struct curl_blob`.
CURLcode ccurl_set_bytes(CURL *_Nonnull handle, CURLoption option, const void *_Nullable bytes, size_t count);

typedef size_t (*ccurl_data_function)(char *_Nullable, size_t, size_t, void *_Nullable);
typedef int (*ccurl_progress_function)(void *_Nullable, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
typedef int (*ccurl_seek_function)(void *_Nullable, curl_off_t, int);
typedef int (*ccurl_prereq_function)(void *_Nullable, char *_Nullable, char *_Nullable, int, int);
CURLcode ccurl_set_data_function(CURL *_Nonnull handle, CURLoption option, ccurl_data_function _Nonnull function);
CURLcode ccurl_set_progress_function(CURL *_Nonnull handle, ccurl_progress_function _Nonnull function);
CURLcode ccurl_set_seek_function(CURL *_Nonnull handle, ccurl_seek_function _Nonnull function);
CURLcode ccurl_set_prereq_function(CURL *_Nonnull handle, ccurl_prereq_function _Nonnull function);

long ccurl_get_long(CURL *_Nonnull handle, CURLINFO info);

struct curl_slist *_Nullable ccurl_slist_append(struct curl_slist *_Nullable list, const char *_Nonnull text);
void ccurl_slist_free(struct curl_slist *_Nullable list);

// Multi handles.
CURLM *_Nullable ccurl_multi_init(void);
CURLMcode ccurl_multi_cleanup(CURLM *_Nonnull multi);
CURLMcode ccurl_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value);
CURLMcode ccurl_multi_add(CURLM *_Nonnull multi, CURL *_Nonnull handle);
CURLMcode ccurl_multi_remove(CURLM *_Nonnull multi, CURL *_Nonnull handle);
CURLMcode ccurl_multi_perform(CURLM *_Nonnull multi, int *_Nonnull running);
CURLMcode ccurl_multi_poll(CURLM *_Nonnull multi, int milliseconds);
CURLMcode ccurl_multi_wakeup(CURLM *_Nonnull multi);
const char *_Nonnull ccurl_multi_strerror(CURLMcode code);
// The next finished handle and its result, or NULL when there is none.
CURL *_Nullable ccurl_multi_next_done(CURLM *_Nonnull multi, CURLcode *_Nonnull result);

// What handles on different threads share: the DNS cache and TLS sessions, under locks of its own. Connections are
// not shared: libcurl does not support that between threads.
typedef struct ccurl_share ccurl_share;
ccurl_share *_Nullable ccurl_share_create(void);
void ccurl_share_destroy(ccurl_share *_Nonnull share);
CURLcode ccurl_set_share(CURL *_Nonnull handle, ccurl_share *_Nonnull share);

// URLs, by the parser that will also connect to them. `ccurl_url_get` returns a text for `ccurl_free`, or NULL.
CURLU *_Nullable ccurl_url(void);
void ccurl_url_cleanup(CURLU *_Nonnull url);
CURLUcode ccurl_url_set(CURLU *_Nonnull url, CURLUPart part, const char *_Nullable text, unsigned int flags);
char *_Nullable ccurl_url_get(CURLU *_Nonnull url, CURLUPart part, unsigned int flags);
void ccurl_free(void *_Nullable text);

// Keeps SIGPIPE from this thread while TLS writes to a closed connection (CURLOPT_NOSIGNAL leaves that to us).
// `ccurl_sigpipe_restore` takes a SIGPIPE that came in between and puts the old mask back.
typedef struct {
    bool was_pending;
    bool was_blocked;
} ccurl_sigpipe;
ccurl_sigpipe ccurl_sigpipe_block(void);
void ccurl_sigpipe_restore(ccurl_sigpipe state);
