/* SPDX-License-Identifier: MIT
 * Decimals, times and the JSON reader of etl.h: any text, and what must hold of what is read from it. Two texts are parted by a
 * newline. */
#include <etl.h>

#define MUST(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "does not hold: %s\n", #condition); \
            abort(); \
        } \
    } while (0)

static etl_string text_of(const struct etl_decimal_text *text)
{
    return (etl_string){text->text, strlen(text->text)};
}

static void check_one(etl_decimal d)
{
    struct etl_decimal_text text = etl_decimal_text(d);
    etl_decimal again, normal = etl_decimal_normalize(d);
    int64_t number;
    MUST(etl_decimal_is_valid(d));
    MUST(etl_decimal_parse(text_of(&text), &again) && etl_decimal_equal(d, again));
    MUST(normal.low == again.low && normal.high == again.high && normal.scale == again.scale);
    MUST(etl_decimal_to_double(d) == strtod(text.text, NULL));
    MUST(!etl_decimal_to_int64(d, &number) || etl_decimal_equal(etl_decimal_from_int64(number), d));
    for (int mode = ETL_ROUND_HALF_EVEN; mode <= ETL_ROUND_CEILING; mode++) {
        etl_decimal rounded = etl_decimal_round(d, 3, (enum etl_rounding)mode);
        etl_decimal off = etl_decimal_absolute(etl_decimal_subtract(rounded, d));
        MUST(!etl_decimal_is_valid(off) || etl_decimal_compare(off, etl_decimal_of(1, 3)) < 0);
        MUST(mode != ETL_ROUND_FLOOR || etl_decimal_compare(rounded, d) <= 0);
        MUST(mode != ETL_ROUND_CEILING || etl_decimal_compare(rounded, d) >= 0);
        MUST(mode != ETL_ROUND_DOWN || etl_decimal_compare(etl_decimal_absolute(rounded), etl_decimal_absolute(d)) <= 0);
    }
}

static void check_two(etl_decimal a, etl_decimal b)
{
    etl_decimal sum = etl_decimal_add(a, b), difference = etl_decimal_subtract(a, b), product = etl_decimal_multiply(a, b);
    etl_decimal quotient = etl_decimal_divide(product, b, 38, ETL_ROUND_DOWN);
    int order = etl_decimal_compare(a, b);
    MUST(order == -etl_decimal_compare(b, a));
    MUST(etl_decimal_compare(sum, etl_decimal_add(b, a)) == 0);
    MUST(etl_decimal_compare(product, etl_decimal_multiply(b, a)) == 0);
    if (etl_decimal_is_valid(sum)) MUST(etl_decimal_equal(etl_decimal_subtract(sum, b), a));
    if (etl_decimal_is_valid(product) && !etl_decimal_is_zero(b)) MUST(etl_decimal_equal(quotient, a));
    if (etl_decimal_is_valid(product)) MUST(etl_decimal_sign(product) == etl_decimal_sign(a) * etl_decimal_sign(b));
    MUST(etl_decimal_sign(difference) == order || !etl_decimal_is_valid(difference));
}

static void check_json(etl_string text)
{
    etl_json json = {text.data, text.size}, item;
    etl_timestamp time, again;
    etl_decimal decimal;
    double number;
    char *to = malloc(text.size + 1);
    size_t size = etl_json_unescape(json, to), count = 0;
    MUST(size == ETL_JSON_BAD || size + 2 <= text.size);
    free(to);
    for (struct etl_json_iterator it = etl_json_iterate(json); etl_json_next(&it, &item); count++)
        MUST(item.data > text.data && item.data + item.size < text.data + text.size);
    MUST(count == etl_json_count(json) && etl_json_at(json, count, &item) == false);
    if (etl_json_double(json, &number)) MUST(number - number == 0 && etl_json_type(json) == ETL_JSON_NUMBER);
    if (etl_json_decimal(json, &decimal)) check_one(decimal);
    if (etl_timestamp_parse(text, &time) || etl_json_timestamp(json, ETL_MILLISECONDS, &time)) {
        struct etl_timestamp_text shown = etl_timestamp_text(time);
        MUST(etl_timestamp_parse((etl_string){shown.text, strlen(shown.text)}, &again) && again.ns == time.ns);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    size_t first = newline ? (size_t)(newline - data) : size;
    etl_string texts[] = {{(const char *)data, first},
    {(const char *)data + first + (newline != NULL), size - first - (newline != NULL)}};
    etl_decimal a, b;
    check_json(texts[0]);
    bool is_a = etl_decimal_parse(texts[0], &a), is_b = etl_decimal_parse(texts[1], &b);
    if (is_a) check_one(a);
    if (is_a && is_b) check_two(a, b);
    return 0;
}
