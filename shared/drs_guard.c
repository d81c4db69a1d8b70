/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_guard.h"


uint64_t
drs_guard_key(const unsigned char *address, size_t len)
{
    size_t   i;
    uint64_t key;

    /* the tag keeps short addresses apart from the network parts */

    key = len < 8 ? UINT64_C(0xff) << 56 : 0;

    for (i = 0; i < len && i < 8; i++) {
        key = (key << 8) | address[i];
    }

    if (len < 8) {
        key |= UINT64_C(0xff) << 56;
    }

    return key != 0 ? key : 1;
}


static size_t
drs_guard_set(uint64_t key)
{
    return (size_t) ((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32)
           % DRS_GUARD_SETS;
}


int64_t
drs_guard_blocked(const drs_guard_t *g, uint64_t key, int64_t now_s)
{
    size_t                  i;
    const drs_guard_slot_t *s;

    if (now_s >= g->until) {
        return 0;
    }

    for (i = 0; i < DRS_GUARD_WAYS; i++) {
        s = &g->slots[drs_guard_set(key)][i];

        if (s->key == key) {
            return s->until > now_s ? s->until - now_s : 0;
        }
    }

    return 0;
}


/* Time from which on a slot may be given away. */
static int64_t
drs_guard_age(const drs_guard_slot_t *s)
{
    if (s->key == 0) {
        return 0;
    }

    return s->until > s->since ? s->until : s->since + 1;
}


int
drs_guard_failure(drs_guard_t *g, uint64_t key, int64_t now_s, uint32_t limit)
{
    size_t            i;
    drs_guard_slot_t *s, *slot;

    slot = NULL;

    for (i = 0; i < DRS_GUARD_WAYS; i++) {
        s = &g->slots[drs_guard_set(key)][i];

        if (s->key == key) {
            slot = s;
            break;
        }

        if (slot == NULL || drs_guard_age(s) < drs_guard_age(slot)) {
            slot = s;
        }
    }

    if (slot->key != key || now_s < slot->since
        || now_s - slot->since >= DRS_GUARD_WINDOW_S)
    {
        slot->key = key;
        slot->since = now_s;
        slot->until = 0;
        slot->failures = 0;
    }

    if (++slot->failures < limit || slot->until > now_s) {
        return 0;
    }

    slot->until = now_s + DRS_GUARD_BLOCK_S;
    slot->failures = 0;

    if (slot->until > g->until) {
        g->until = slot->until;
    }

    return 1;
}
