/* billed_stream.h - which stream a charge belongs to, for billed.c alone. */
#ifndef TT_SNAPSHOT_BILLED_STREAM_H
#define TT_SNAPSHOT_BILLED_STREAM_H
#include "snapshot/billed.h"
#include "snapshot/tables.h"

enum tt_billed_stream tt_billed_stream_of(const tt_charge_row *r);
#endif
