
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Small formats: text, numbers, times, ids, base64, lists, sealed secrets,
 * patterns.  Whatever is read and written again is the same; whatever is
 * accepted is within its limits.  The input is taken as a whole and by lines;
 * one that begins with "~" is a secret, or a sealed one, too.
 */

#include "fuzz.h"

#include "drs_base64.h"
#include "drs_id.h"
#include "drs_jwks.h"
#include "drs_jwt.h"
#include "drs_password.h"
#include "drs_rbac.h"
#include "drs_seal.h"
#include "drs_time.h"
#include "drs_utf8.h"


static void
utf8(drs_str_t s)
{
    int                  rc;
    char                *folded, *twice;
    long                 n;
    size_t               len, len2;
    drs_str_t            t;
    const unsigned char *p, *end;

    n = drs_utf8_length(s);
    MUST((n >= 0) == drs_utf8_valid(s));
    MUST(n <= (long) s.len);

    p = (const unsigned char *) s.data;
    end = p + s.len;
    while (p != NULL && p < end) {
        MUST(drs_utf8_next(&p, end) <= 0x10ffff && p <= end);
    }

    t = drs_utf8_trim(s);
    MUST(t.len <= s.len);
    MUST(drs_str_eq(drs_utf8_trim(t), t));

    if (drs_utf8_check(s, 0) == DRS_UTF8_OK) {
        MUST(n >= 0);
        MUST(drs_utf8_check(s, DRS_UTF8_NEWLINE) == DRS_UTF8_OK);
    }

    rc = drs_utf8_fold(s, &folded, &len);

    if (rc == DRS_OK) {
        MUST(strlen(folded) == len && drs_utf8_valid(drs_strn(folded, len)));
        MUST(drs_utf8_fold(drs_strn(folded, len), &twice, &len2) == DRS_OK);
        MUST(drs_str_eq(drs_strn(folded, len), drs_strn(twice, len2)));
        free(folded);
        free(twice);
    } else {
        MUST(rc == DRS_DECLINED);
        MUST(n < 0 || memchr(s.data, '\0', s.len) != NULL);
    }

    MUST(drs_utf8_name_cmp(s, s) == 0);
}


static void
base64(drs_str_t s)
{
    char          *text;
    size_t         len;
    unsigned char *raw;

    raw = (unsigned char *) fuzz_mem(drs_base64_decoded_max(s.len));

    if (drs_base64url_decode(raw, &len, s) == DRS_OK) {
        text = drs_base64url_dup(raw, len);
        MUST(text != NULL && drs_str_eqz(s, text));
        free(text);
    }

    if (drs_base64_decode(raw, &len, s) == DRS_OK) {
        text = drs_base64_dup(raw, len);
        MUST(text != NULL && drs_str_eqz(s, text));
        free(text);
    }

    free(raw);

    text = drs_base64url_dup(s.data, s.len);
    raw = (unsigned char *) fuzz_mem(drs_base64_decoded_max(strlen(text)));
    MUST(drs_base64url_decode(raw, &len, drs_str(text)) == DRS_OK);
    MUST(drs_str_eq(drs_strn((char *) raw, len), s));
    free(raw);
    free(text);
}


static void
times(drs_str_t s)
{
    char     dst[DRS_TIME_ISO_SIZE], http[DRS_TIME_HTTP_SIZE];
    int64_t  t, u, sec;
    drs_tm_t tm;

    if (drs_time_parse_ms(s, &t) == DRS_OK) {
        /* a second past the last day of the year 9999 may be read */
        MUST(t >= (DRS_TIME_MIN_S - 86400) * 1000);
        MUST(t <= (DRS_TIME_MAX_S + 86401) * 1000);
        MUST(drs_time_parse_s(s, &sec) == DRS_OK);

        if (t >= DRS_TIME_MIN_S * 1000 && t <= DRS_TIME_MAX_S * 1000) {
            MUST(drs_time_iso_ms(dst, t) == strlen(dst));
            MUST(drs_time_parse_ms(drs_str(dst), &u) == DRS_OK && u == t);
            MUST(drs_time_iso_auto(dst, t) == strlen(dst));
            MUST(drs_time_parse_ms(drs_str(dst), &u) == DRS_OK && u == t);
            MUST(drs_time_split(&tm, sec) == DRS_OK);
            MUST(drs_time_join(&tm) == sec);
            MUST(tm.month >= 1 && tm.month <= 12);
            MUST(tm.day >= 1
                 && tm.day <= drs_time_month_days(tm.year, tm.month));
            (void) drs_time_http(http, sec);
        }
    }

    if (drs_time_parse_duration_ms(s, &t) == DRS_OK) {
        MUST(drs_time_duration(dst, t / 1000) == strlen(dst));
        MUST(drs_time_parse_duration_ms(drs_str(dst), &u) == DRS_OK);
        MUST(u == t / 1000 * 1000);
    }
}


static void
numbers(drs_str_t s)
{
    char     text[32];
    int64_t  i;
    uint64_t u;

    if (drs_str_u64(s, &u) == DRS_OK) {
        (void) snprintf(text, sizeof(text), "%llu", (unsigned long long) u);
        MUST(s.len >= strlen(text));
        MUST(memcmp(s.data + s.len - strlen(text), text, strlen(text)) == 0);
    }

    if (drs_str_i64(s, &i) == DRS_OK) {
        (void) snprintf(text, sizeof(text), "%lld", (long long) i);
        MUST(i == 0 || s.len >= strlen(text));
    }
}


static void
ids(drs_str_t s)
{
    unsigned  prefix, mask;
    uint32_t  addr;
    drs_str_t account, path;

    MUST(!drs_id_is_uuid4(s) || s.len == DRS_UUID_LEN);
    MUST(!drs_id_is_source_server(s) || s.len == 19);
    MUST(!drs_id_is_account(s) || s.len == DRS_ACCOUNT_LEN);
    MUST(!drs_id_is_email(s) || s.len <= 254);
    MUST(!drs_id_is_external_id(s) || (s.len >= 2 && s.len <= 1224));
    MUST(!drs_id_in_default_regions(s) || drs_id_is_region(s));
    (void) drs_id_is_job(s);
    (void) drs_id_is_instance(s);
    (void) drs_id_is_subnet(s);
    (void) drs_id_is_security_group(s);
    (void) drs_id_is_vpc(s);
    (void) drs_id_is_launch_template(s);
    (void) drs_id_is_snapshot(s);
    (void) drs_id_is_instance_type(s);
    (void) drs_id_execution_of_path(s);

    if (drs_id_role_arn(s, &account, &path)) {
        MUST(drs_id_is_account(account) && path.len >= 1 && path.len <= 512);
        MUST(path.data + path.len <= s.data + s.len);
    }

    if (drs_id_ipv4(s, &addr)) {
        char text[20];

        (void) snprintf(text, sizeof(text), "%u.%u.%u.%u", addr >> 24,
                        addr >> 16 & 255, addr >> 8 & 255, addr & 255);
        MUST(drs_str_eqz(s, text));
        (void) drs_id_ipv4_is_private(addr);
    }

    if (drs_id_cidr4(s, &addr, &prefix)) {
        MUST(prefix <= 32);
        MUST(prefix == 32 || (addr & (0xffffffffu >> prefix)) == 0);
    }

    (void) drs_jwa_by_name(s);
    MUST(drs_jwa_parse_list(s, &mask) != DRS_OK
         || (mask != 0 && (mask & ~DRS_JWA_ALL) == 0));
}


static void
lists(drs_str_t s)
{
    char        text[256];
    size_t      i, n;
    drs_str_t   rest, item, out[8];
    drs_roles_t roles, again;

    n = drs_jwt_split_groups(s, out, 8);
    MUST(n <= 8);

    for (i = 0; i < n; i++) {
        MUST(out[i].len > 0 && drs_str_eq(drs_str_trim(out[i]), out[i]));
        MUST(out[i].data >= s.data);
        MUST(out[i].data + out[i].len <= s.data + s.len);
    }

    roles = drs_rbac_roles(NULL, out, n);
    (void) drs_roles_text(text, sizeof(text), roles);
    MUST(drs_roles_parse(drs_str(text), &again) == DRS_OK && again == roles);

    if (drs_roles_parse(s, &roles) == DRS_OK) {
        (void) drs_roles_text(text, sizeof(text), roles);
        MUST(drs_roles_parse(drs_str(text), &again) == DRS_OK);
        MUST(again == roles);
    }

    rest = s;
    n = 0;
    while (drs_str_split(&rest, ',', &item)) {
        MUST(memchr(item.len ? item.data : ",", ',', item.len) == NULL);
        n += item.len + 1;
    }
    MUST(s.data == NULL || n == s.len + 1);
}


static void
secrets(drs_str_t s)
{
    char            *text, *secret;
    size_t           len;
    drs_str_t        none = drs_null_string;
    unsigned char    raw[32];
    static EVP_PKEY *key;

    if (key == NULL) {
        memset(raw, 9, sizeof(raw));
        key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, raw, 32);
        MUST(key != NULL);
    }

    MUST(drs_seal_open(&secret, &len, key, s, drs_str("c")) == DRS_DECLINED);
    (void) drs_password_rules(s, none);
    MUST(drs_seal_public_key(s) == NULL || s.len > 100);

    if (s.len > 64 && s.len <= DRS_SEAL_MAX) {
        return; /* slow: only short ones */
    }

    if (drs_seal(&text, key, s, drs_str("c")) != DRS_OK) {
        MUST(s.len > DRS_SEAL_MAX);
        return;
    }

    MUST(drs_seal_open(&secret, &len, key, drs_str(text), drs_str("d"))
         == DRS_DECLINED);
    MUST(drs_seal_open(&secret, &len, key, drs_str(text), drs_str("c"))
         == DRS_OK);
    MUST(drs_str_eq(drs_strn(secret, len), s));
    free(secret);
    free(text);
}


static void
all(drs_str_t s)
{
    utf8(s);
    base64(s);
    times(s);
    numbers(s);
    ids(s);
    lists(s);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char     *exact;
    drs_str_t rest, line;

    /* a copy without anything behind it */
    exact = fuzz_mem(size);
    memcpy(exact, data, size);
    rest = drs_strn(exact, size);
    all(rest);

    if (size > 0 && exact[0] == '~') {
        secrets(drs_strn(exact + 1, size - 1));
    }

    if (memchr(exact, '\n', size) != NULL) {
        while (drs_str_split(&rest, '\n', &line)) {
            all(line);
        }
    }

    free(exact);

    return 0;
}
