#include <zlib.h>

// A macro, which Swift does not see.
static inline int stackjob_inflate_raw(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
