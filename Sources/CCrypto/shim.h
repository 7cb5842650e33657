#pragma once

/* The plain SHA functions and not EVP: they need nothing of libcrypto but the digests themselves, so that linking the
   static library costs no start-up, while the shared one costs half a millisecond of relocations. OpenSSL calls them
   deprecated because they bypass its providers, which is what is wanted here; the code underneath is the same. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/opensslv.h>
#include <openssl/sha.h>
