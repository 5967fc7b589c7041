#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>

/*
 * libcurl is loaded when the first request is made and not when the program starts: it and the thirty
 * libraries behind it took a third of the CPU time of every command, and hardly any command speaks HTTP.
 */
struct stackjob_curl {
  CURL *(*start)(void);
  void (*cleanup)(CURL *handle);
  CURLcode (*perform)(CURL *handle);
  void (*reset)(CURL *handle);
  const char *(*message)(CURLcode code);
  struct curl_slist *(*append)(struct curl_slist *list, const char *text);
  void (*free_list)(struct curl_slist *list);
  CURLcode (*setopt)(CURL *handle, CURLoption option, ...);
  CURLcode (*getinfo)(CURL *handle, CURLINFO info, ...);
};

/* Returns NULL, or why libcurl cannot be used; then nothing in `curl` may be called. */
static inline const char *stackjob_curl_load(struct stackjob_curl *curl) {
  /* 4 is the number of an interface that has been stable since 2006. A second call gets the same copy. */
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  struct {
    const char *name;
    void *address;
  } symbols[] = {
      {"curl_easy_init", &curl->start},
      {"curl_easy_cleanup", &curl->cleanup},
      {"curl_easy_perform", &curl->perform},
      {"curl_easy_reset", &curl->reset},
      {"curl_easy_strerror", &curl->message},
      {"curl_slist_append", &curl->append},
      {"curl_slist_free_all", &curl->free_list},
      {"curl_easy_setopt", &curl->setopt},
      {"curl_easy_getinfo", &curl->getinfo},
  };
  for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index++) {
    void *symbol = dlsym(library, symbols[index].name);
    if (symbol == NULL) return dlerror();
    *(void **)symbols[index].address = symbol;
  }
  return NULL;
}

/* `setopt` and `getinfo` take variable arguments, which Swift cannot call. */

static inline CURLcode stackjob_curl_set_text(
    const struct stackjob_curl *curl, CURL *handle, CURLoption option, const char *value) {
  return curl->setopt(handle, option, value);
}

static inline CURLcode stackjob_curl_set_number(
    const struct stackjob_curl *curl, CURL *handle, CURLoption option, long value) {
  return curl->setopt(handle, option, value);
}

static inline CURLcode stackjob_curl_set_list(
    const struct stackjob_curl *curl, CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl->setopt(handle, option, value);
}

typedef size_t (*stackjob_curl_write)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode stackjob_curl_set_write(
    const struct stackjob_curl *curl, CURL *handle, stackjob_curl_write write, void *context) {
  CURLcode code = curl->setopt(handle, CURLOPT_WRITEFUNCTION, write);
  return code == CURLE_OK ? curl->setopt(handle, CURLOPT_WRITEDATA, context) : code;
}

typedef size_t (*stackjob_curl_read)(char *bytes, size_t size, size_t count, void *context);
typedef int (*stackjob_curl_seek)(void *context, curl_off_t offset, int origin);

/* A body that is read piece by piece, and once more from its start when a connection broke. */
static inline CURLcode stackjob_curl_set_upload(
    const struct stackjob_curl *curl,
    CURL *handle,
    long long size,
    stackjob_curl_read read,
    stackjob_curl_seek seek,
    void *context) {
  CURLcode code = curl->setopt(handle, CURLOPT_UPLOAD, 1L);
  if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
  if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_READFUNCTION, read);
  if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_READDATA, context);
  if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_SEEKFUNCTION, seek);
  if (code == CURLE_OK) code = curl->setopt(handle, CURLOPT_SEEKDATA, context);
  return code;
}

static inline CURLcode stackjob_curl_set_header_write(
    const struct stackjob_curl *curl, CURL *handle, stackjob_curl_write write, void *context) {
  CURLcode code = curl->setopt(handle, CURLOPT_HEADERFUNCTION, write);
  return code == CURLE_OK ? curl->setopt(handle, CURLOPT_HEADERDATA, context) : code;
}

static inline long stackjob_curl_status(const struct stackjob_curl *curl, CURL *handle) {
  long status = 0;
  curl->getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}
