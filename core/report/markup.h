/* markup.h - text inside HTML and SVG. */
#ifndef TT_REPORT_MARKUP_H
#define TT_REPORT_MARKUP_H
#include "base/text.h"

/* Append `s` so that it is text in an element and in an attribute; control characters, which
 * neither may have, are blanks. */
void tt_put_markup(tt_buf *out, const char *s);
#endif
