/* SPDX-License-Identifier: MIT
 * kinds: derives the kind of a field from the C type of the member, and checks that it
 * can have its role. Private to etl.h. */
#ifndef ETL_KINDS_H
#define ETL_KINDS_H

#include "values.h"

#ifdef __cplusplus
template <typename> struct etl_kind_of_;
template <> struct etl_kind_of_<etl_string> { enum { kind = ETL_KIND_STRING, key = 1, sum = 0, order = 1, count = 0 }; };
template <> struct etl_kind_of_<int64_t> { enum { kind = ETL_KIND_INT64, key = 1, sum = 1, order = 1, count = 1 }; };
template <> struct etl_kind_of_<double> { enum { kind = ETL_KIND_DOUBLE, key = 0, sum = 1, order = 1, count = 0 }; };
template <> struct etl_kind_of_<bool> { enum { kind = ETL_KIND_BOOL, key = 1, sum = 0, order = 1, count = 0 }; };
template <> struct etl_kind_of_<etl_decimal> { enum { kind = ETL_KIND_DECIMAL, key = 1, sum = 1, order = 1, count = 0 }; };
template <> struct etl_kind_of_<etl_timestamp> { enum { kind = ETL_KIND_TIMESTAMP, key = 1, sum = 0, order = 1, count = 0 }; };
template <> struct etl_kind_of_<etl_json> { enum { kind = ETL_KIND_JSON, key = 0, sum = 0, order = 0, count = 0 }; };
template <typename kinds, bool allowed> struct etl_allowed_ {
    static_assert(allowed, "a member of this kind cannot have this role");
    enum { kind = kinds::kind };
};
#define ETL_KIND_OF_(s, m) etl_kind_of_<decltype(((s *)0)->m)>
#define ETL_KIND_(s, m) ((uint32_t)ETL_KIND_OF_(s, m)::kind)
#define ETL_KIND_IF_(s, m, allowed) ((uint32_t)etl_allowed_<ETL_KIND_OF_(s, m), (allowed)>::kind)
#define ETL_KEY_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::key != 0)
#define ETL_SUM_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::sum != 0)
#define ETL_ORDER_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::order != 0)
#define ETL_COUNT_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_OF_(s, m)::count != 0)
#define ETL_STRING_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_(s, m) == (uint32_t)ETL_KIND_STRING)
#define ETL_TIMESTAMP_KIND_(s, m) ETL_KIND_IF_(s, m, ETL_KIND_(s, m) == (uint32_t)ETL_KIND_TIMESTAMP)
#define ETL_HAS_OFFSET_(s, m) ((uint32_t)offsetof(s, m) + 0 * ETL_KIND_IF_(s, m, ETL_KIND_(s, m) == (uint32_t)ETL_KIND_BOOL))
#else
/* A compile error here ("not compatible with any generic association") means that this
 * member's C type is not a kind of field, or not one that can have this role. A double
 * or json cannot be a key; only numbers can be summed; a count is an int64_t. */
#define ETL_KIND_(s, m) \
    _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING, int64_t: ETL_KIND_INT64, double: ETL_KIND_DOUBLE, bool: ETL_KIND_BOOL, \
             etl_decimal: ETL_KIND_DECIMAL, etl_timestamp: ETL_KIND_TIMESTAMP, etl_json: ETL_KIND_JSON)
#define ETL_KEY_KIND_(s, m) \
    _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING, int64_t: ETL_KIND_INT64, bool: ETL_KIND_BOOL, \
             etl_decimal: ETL_KIND_DECIMAL, etl_timestamp: ETL_KIND_TIMESTAMP)
#define ETL_SUM_KIND_(s, m) _Generic(((s *)0)->m, int64_t: ETL_KIND_INT64, double: ETL_KIND_DOUBLE, etl_decimal: ETL_KIND_DECIMAL)
#define ETL_ORDER_KIND_(s, m) \
    _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING, int64_t: ETL_KIND_INT64, double: ETL_KIND_DOUBLE, bool: ETL_KIND_BOOL, \
             etl_decimal: ETL_KIND_DECIMAL, etl_timestamp: ETL_KIND_TIMESTAMP)
#define ETL_COUNT_KIND_(s, m) _Generic(((s *)0)->m, int64_t: ETL_KIND_INT64)
#define ETL_STRING_KIND_(s, m) _Generic(((s *)0)->m, etl_string: ETL_KIND_STRING)
#define ETL_TIMESTAMP_KIND_(s, m) _Generic(((s *)0)->m, etl_timestamp: ETL_KIND_TIMESTAMP)
#define ETL_HAS_OFFSET_(s, m) _Generic(((s *)0)->m, bool: (uint32_t)offsetof(s, m))
#endif

#endif
