
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include "drs_id.h"
#include "drs_sha256.h"


const drs_str_t drs_id_default_regions[] = {
    drs_string("us-east-1"),      drs_string("us-east-2"),
    drs_string("us-west-1"),      drs_string("us-west-2"),
    drs_string("ca-central-1"),   drs_string("sa-east-1"),
    drs_string("eu-west-1"),      drs_string("eu-west-2"),
    drs_string("eu-west-3"),      drs_string("eu-central-1"),
    drs_string("eu-central-2"),   drs_string("eu-north-1"),
    drs_string("eu-south-1"),     drs_string("eu-south-2"),
    drs_string("ap-northeast-1"), drs_string("ap-northeast-2"),
    drs_string("ap-northeast-3"), drs_string("ap-southeast-1"),
    drs_string("ap-southeast-2"), drs_string("ap-southeast-3"),
    drs_string("ap-southeast-4"), drs_string("ap-south-1"),
    drs_string("ap-south-2"),     drs_string("ap-east-1"),
    drs_string("me-south-1"),     drs_string("me-central-1"),
    drs_string("af-south-1"),     drs_string("il-central-1")
};

const size_t drs_id_n_default_regions =
    sizeof(drs_id_default_regions) / sizeof(drs_id_default_regions[0]);


static int
drs_id_digit(char c)
{
    return c >= '0' && c <= '9';
}


static int
drs_id_lower(char c)
{
    return c >= 'a' && c <= 'z';
}


static int
drs_id_alnum(char c)
{
    return drs_id_digit(c) || drs_id_lower((char) (c | 0x20));
}


static int
drs_id_hex(char c)
{
    return drs_id_digit(c) || (c >= 'a' && c <= 'f');
}


/* 1 if every byte is alphanumeric or in `extra` */

static int
drs_id_all(drs_str_t s, const char *extra)
{
    size_t i;

    for (i = 0; i < s.len; i++) {
        if (!drs_id_alnum(s.data[i])
            && (s.data[i] == '\0' || strchr(extra, s.data[i]) == NULL))
        {
            return 0;
        }
    }

    return 1;
}


/* prefix and n or m characters of which all pass `is` */

static int
drs_id_prefixed(drs_str_t s, const char *prefix, size_t n, size_t m,
                int (*is)(char))
{
    size_t i, k;

    k = strlen(prefix);

    if ((s.len != k + n && s.len != k + m) || !drs_str_starts(s, prefix)) {
        return 0;
    }

    for (i = k; i < s.len; i++) {
        if (!is(s.data[i])) {
            return 0;
        }
    }

    return 1;
}


void
drs_id_uuid4(char dst[DRS_UUID_SIZE], const unsigned char rnd[16])
{
    unsigned char b[16];

    memcpy(b, rnd, 16);

    b[6] = (unsigned char) ((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char) ((b[8] & 0x3f) | 0x80);

    /* each later part overwrites the NUL of the one before */

    drs_hex(dst, b, 4);
    dst[8] = '-';
    drs_hex(dst + 9, b + 4, 2);
    dst[13] = '-';
    drs_hex(dst + 14, b + 6, 2);
    dst[18] = '-';
    drs_hex(dst + 19, b + 8, 2);
    dst[23] = '-';
    drs_hex(dst + 24, b + 10, 6);
}


int
drs_id_is_uuid4(drs_str_t s)
{
    size_t i;

    if (s.len != DRS_UUID_LEN) {
        return 0;
    }

    for (i = 0; i < DRS_UUID_LEN; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (s.data[i] != '-') {
                return 0;
            }

        } else if (!drs_id_hex(s.data[i])) {
            return 0;
        }
    }

    return s.data[14] == '4'
           && (s.data[19] == '8' || s.data[19] == '9' || s.data[19] == 'a'
               || s.data[19] == 'b');
}


int
drs_id_is_source_server(drs_str_t s)
{
    return drs_id_prefixed(s, "s-", 17, 17, drs_id_hex);
}


int
drs_id_is_job(drs_str_t s)
{
    return drs_id_prefixed(s, "drsjob-", 17, 17, drs_id_alnum);
}


int
drs_id_is_instance(drs_str_t s)
{
    return drs_id_prefixed(s, "i-", 8, 17, drs_id_hex);
}


int
drs_id_is_subnet(drs_str_t s)
{
    return drs_id_prefixed(s, "subnet-", 8, 17, drs_id_hex);
}


int
drs_id_is_security_group(drs_str_t s)
{
    return drs_id_prefixed(s, "sg-", 8, 17, drs_id_hex);
}


int
drs_id_is_vpc(drs_str_t s)
{
    return drs_id_prefixed(s, "vpc-", 8, 17, drs_id_hex);
}


int
drs_id_is_launch_template(drs_str_t s)
{
    return drs_id_prefixed(s, "lt-", 8, 17, drs_id_hex);
}


int
drs_id_is_snapshot(drs_str_t s)
{
    return drs_id_prefixed(s, "pit-", 17, 17, drs_id_alnum);
}


int
drs_id_is_account(drs_str_t s)
{
    return drs_id_prefixed(s, "", DRS_ACCOUNT_LEN, DRS_ACCOUNT_LEN,
                           drs_id_digit);
}


/* ^[a-z]{2}(-[a-z]+)+-\d$ */

int
drs_id_is_region(drs_str_t s)
{
    size_t i;

    if (s.len < 6 || s.len > 32 || !drs_id_lower(s.data[0])
        || !drs_id_lower(s.data[1]) || s.data[2] != '-'
        || s.data[s.len - 2] != '-' || !drs_id_digit(s.data[s.len - 1]))
    {
        return 0;
    }

    for (i = 3; i < s.len - 2; i++) {
        if (s.data[i] == '-') {
            if (s.data[i - 1] == '-') {
                return 0;
            }

        } else if (!drs_id_lower(s.data[i])) {
            return 0;
        }
    }

    return s.data[s.len - 3] != '-';
}


int
drs_id_in_default_regions(drs_str_t s)
{
    size_t i;

    for (i = 0; i < drs_id_n_default_regions; i++) {
        if (drs_str_eq(drs_id_default_regions[i], s)) {
            return 1;
        }
    }

    return 0;
}


/* ^[a-z0-9]+(-[a-z0-9]+)*$ */

static int
drs_id_words(drs_str_t s)
{
    size_t i;

    if (s.len == 0 || s.data[0] == '-' || s.data[s.len - 1] == '-') {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '-') {
            if (s.data[i - 1] == '-') {
                return 0;
            }

        } else if (!drs_id_lower(s.data[i]) && !drs_id_digit(s.data[i])) {
            return 0;
        }
    }

    return 1;
}


int
drs_id_is_instance_type(drs_str_t s)
{
    drs_str_t family;

    if (s.len == 0 || s.len > 64 || !drs_id_lower(s.data[0])
        || !drs_str_split(&s, '.', &family) || s.data == NULL)
    {
        return 0;
    }

    return drs_id_words(family) && drs_id_words(s);
}


int
drs_id_role_arn(drs_str_t s, drs_str_t *account, drs_str_t *role_path)
{
    int       i;
    drs_str_t part[5];

    for (i = 0; i < 5; i++) {
        if (!drs_str_split(&s, ':', &part[i])) {
            return 0;
        }
    }

    if (!drs_str_eqz(part[0], "arn")
        || (!drs_str_eqz(part[1], "aws") && !drs_str_eqz(part[1], "aws-us-gov")
            && !drs_str_eqz(part[1], "aws-cn"))
        || !drs_str_eqz(part[2], "iam") || part[3].len != 0
        || !drs_id_is_account(part[4]) || !drs_str_starts(s, "role/"))
    {
        return 0;
    }

    s.data += 5;
    s.len -= 5;

    if (s.len < 1 || s.len > 512 || !drs_id_all(s, "_+=,.@/-")) {
        return 0;
    }

    if (account != NULL) {
        *account = part[4];
    }

    if (role_path != NULL) {
        *role_path = s;
    }

    return 1;
}


int
drs_id_is_external_id(drs_str_t s)
{
    return s.len >= 2 && s.len <= 1224 && drs_id_all(s, "_+=,.@:/-");
}


int
drs_id_is_email(drs_str_t s)
{
    size_t    i;
    drs_str_t local, label;

    if (s.len > 254 || !drs_str_split(&s, '@', &local) || s.data == NULL
        || local.len < 1 || local.len > 64 || !drs_id_all(local, "._%+-")
        || local.data[0] == '.' || local.data[local.len - 1] == '.')
    {
        return 0;
    }

    for (i = 1; i < local.len; i++) {
        if (local.data[i] == '.' && local.data[i - 1] == '.') {
            return 0;
        }
    }

    if (s.len == 0 || memchr(s.data, '.', s.len) == NULL) {
        return 0;
    }

    label = (drs_str_t) drs_null_string;

    while (drs_str_split(&s, '.', &label)) {
        if (label.len < 1 || label.len > 63 || !drs_id_all(label, "-")
            || label.data[0] == '-' || label.data[label.len - 1] == '-')
        {
            return 0;
        }
    }

    /* the last label: at least two letters */

    for (i = 0; i < label.len; i++) {
        if (!drs_id_lower((char) (label.data[i] | 0x20))) {
            return 0;
        }
    }

    return label.len >= 2;
}


int
drs_id_is_request_id(drs_str_t s)
{
    return s.len >= 1 && s.len <= 64 && drs_id_all(s, "._-");
}


int
drs_id_is_idempotency_key(drs_str_t s)
{
    size_t i;

    if (s.len < 1 || s.len > 128) {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (s.data[i] < 0x21 || s.data[i] > 0x7e) {
            return 0;
        }
    }

    return 1;
}


int
drs_id_ipv4(drs_str_t s, uint32_t *addr)
{
    int       i;
    uint32_t  a;
    uint64_t  v;
    drs_str_t part;

    a = 0;

    for (i = 0; i < 4; i++) {
        if (!drs_str_split(&s, '.', &part) || part.len < 1 || part.len > 3
            || (part.len > 1 && part.data[0] == '0')
            || drs_str_u64(part, &v) != DRS_OK || v > 255)
        {
            return 0;
        }

        a = a << 8 | (uint32_t) v;
    }

    if (s.data != NULL) {
        return 0;
    }

    if (addr != NULL) {
        *addr = a;
    }

    return 1;
}


int
drs_id_cidr4(drs_str_t s, uint32_t *addr, unsigned *prefix)
{
    uint32_t  a;
    uint64_t  n;
    drs_str_t ip;

    if (!drs_str_split(&s, '/', &ip) || !drs_id_ipv4(ip, &a) || s.data == NULL
        || s.len > 2 || (s.len == 2 && s.data[0] == '0')
        || drs_str_u64(s, &n) != DRS_OK || n > 32)
    {
        return 0;
    }

    if (addr != NULL) {
        *addr = n ? a & (UINT32_MAX << (32 - n)) : 0;
    }

    if (prefix != NULL) {
        *prefix = (unsigned) n;
    }

    return 1;
}


int
drs_id_ipv4_is_private(uint32_t a)
{
    return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8;
}


drs_str_t
drs_id_execution_of_path(drs_str_t s)
{
    size_t i;

    if (!drs_str_starts(s, "arn:")) {
        return s;
    }

    for (i = s.len; s.data[i - 1] != ':'; i--) { /* void */
    }

    s.data += i;
    s.len -= i;

    return s;
}
