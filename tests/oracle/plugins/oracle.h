/* SPDX-License-Identifier: MIT
 * What the plugins of the oracle share. Each handler has a twin of the same name in oracle.py. */
#ifndef ORACLE_H
#define ORACLE_H

#include <etl.h>

/* Who came by, in which order. */
struct trace {
    etl_string k, by, origin;
    int64_t steps;
    etl_string note;
    bool has_note;
};
ETL_EFFECT(trace, ETL_KEY(trace, k), ETL_LAST(trace, by), ETL_FIRST(trace, origin), ETL_COUNT(trace, steps),
           ETL_LAST_OPTIONAL(trace, note, has_note));

/* What arithmetic gave. */
struct calc {
    etl_string op;
    etl_decimal total, least, most, latest;
};
ETL_EFFECT(calc, ETL_KEY(calc, op), ETL_SUM(calc, total), ETL_MIN(calc, least), ETL_MAX(calc, most), ETL_LAST(calc, latest));

/* Sums of whole numbers. */
struct whole {
    etl_string k;
    int64_t total;
};
ETL_EFFECT(whole, ETL_KEY(whole, k), ETL_SUM(whole, total));

/* Folded by the reducer into a row of its own. */
struct fill {
    etl_string k;
    int64_t q;
    etl_decimal p;
    etl_string w;
    bool has_w;
};
ETL_EFFECT(fill, ETL_KEY(fill, k), ETL_VALUE(fill, q), ETL_VALUE(fill, p), ETL_VALUE_OPTIONAL(fill, w, has_w));

struct filled {
    int64_t fills;
    etl_decimal best;
    etl_string parity, longest;
    bool has_longest;
    double mean;
};
ETL_ROW(filled, ETL_FIELD(filled, fills), ETL_FIELD(filled, best), ETL_FIELD(filled, parity),
        ETL_OPTIONAL(filled, longest, has_longest), ETL_FIELD(filled, mean));

#endif
