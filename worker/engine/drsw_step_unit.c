
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Launch units: state, servers, answers to sends (engine.md 2.6).
 */

#include <string.h>

#include "drsw_step.h"


#define DRSW_CONFLICT_WAITS 3


/* `list` is space separated. */
bool
drsw_word_in(const char *list, const char *word)
{
    size_t      len;
    const char *p;

    len = strlen(word);

    for (p = list; len != 0 && (p = strstr(p, word)) != NULL; p += len) {
        if ((p == list || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0')) {
            return true;
        }
    }

    return false;
}


void
drsw_unit_state(drsw_step_t *st, drs_exec_unit_t *u, drs_unit_state_t state)
{
    if (u->state == state) {
        return;
    }

    u->state = state;
    u->dirty = true;

    if (drs_unit_is_final(state)) {
        u->ended_at = st->now;
        u->reason = DRS_REASON_NONE;
    }

    if (state != DRS_UNIT_HELD) {
        u->held_at = 0;
        u->held = u->held_reason = "";
    }
}


void
drsw_unit_error(drsw_step_t *st, drs_exec_unit_t *u, const char *code,
                const char *message)
{
    u->error_code = drsw_dup(st, code);
    u->error_message = drsw_dup(st, message);
    u->dirty = true;
}


void
drsw_unit_servers(drsw_step_t *st, drs_exec_unit_t *u,
                  drs_launch_status_t status, const char *code,
                  const char *message)
{
    size_t             i;
    drs_exec_server_t *s;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);

        if (s == NULL || strcmp(s->unit, u->id) != 0
            || drs_launch_is_final(s->status)) {
            continue;
        }

        s->status = status;
        s->phase = DRS_PHASE_NONE;
        s->dirty = true;

        if (s->error[0] == '\0') {
            s->error = drsw_dup(st, message);
        }

        if (code[0] != '\0') {
            s->error_code = drsw_dup(st, code);
        }
    }
}


void
drsw_unit_cancel(drsw_step_t *st, drs_exec_unit_t *u)
{
    drsw_unit_state(st, u, DRS_UNIT_CANCELLED);
    drsw_unit_servers(st, u, DRS_LAUNCH_CANCELLED, "", "");
}


bool
drsw_unit_split(drsw_step_t *st, drs_exec_unit_t *from, const char **servers,
                size_t n)
{
    size_t             i, at;
    drs_exec_unit_t   *u;
    drs_exec_server_t *s;

    at = (size_t) (from - st->n->units);

    u = drs_exec_add_unit(st->n, from->wave);
    if (u == NULL) {
        st->failed = true;
        return false;
    }

    from = &st->n->units[at];
    u->state = DRS_UNIT_PLANNED;
    u->account = from->account;
    u->region = from->region;
    u->servers = servers;
    u->nservers = n;
    u->max_attempts = st->set->max_attempts;
    u->config_done = from->config_done;

    for (i = 0; i < n; i++) {
        s = drs_exec_server(st->n, servers[i]);
        if (s != NULL) {
            s->unit = u->id;
            s->dirty = true;
        }
    }

    return true;
}


/* Closes a send by an effect and says in which state the unit then is. */
static void
drsw_close(drsw_step_t *st, drs_exec_unit_t *u, int attempt,
           drs_unit_state_t state)
{
    drs_buf_t      b;
    const char    *doc;
    drsw_effect_t *eff;

    drs_buf_init(&b, 0);
    st->failed |= drs_exec_unit_doc(&b, u) != DRS_OK;
    doc = drs_arena_str(st->a, drs_buf_str(&b));
    st->failed |= doc == NULL;
    drs_buf_free(&b);

    eff = drsw_effect(st, DRSW_EFF_CLOSE, u);
    eff->attempt = attempt;
    eff->state = state == DRS_UNIT_INTENT ? "" : drs_unit_state_name(state);
    eff->next_at = u->next_at;
    eff->data = doc ? doc : "";
    st->plan->again = true;
}


/* Fails the servers in conflict, plans the others anew. */
static void
drsw_conflict_over(drsw_step_t *st, drs_exec_unit_t *u, const char *servers,
                   const char *message)
{
    bool               concerned;
    size_t             i, n;
    const char       **rest;
    drs_exec_server_t *s;

    rest = drs_arena_array(st->n->arena, u->nservers, sizeof(char *));
    if (rest == NULL) {
        st->failed = true;
        return;
    }

    concerned = false;

    for (i = 0; i < u->nservers; i++) {
        concerned |= drsw_word_in(servers, u->servers[i]);
    }

    n = 0;

    for (i = 0; i < u->nservers; i++) {
        s = drs_exec_server(st->n, u->servers[i]);

        if (s == NULL || strcmp(s->unit, u->id) != 0
            || drs_launch_is_final(s->status)) {
            continue;
        }

        if (concerned && !drsw_word_in(servers, u->servers[i])) {
            rest[n++] = u->servers[i];
            continue;
        }

        s->status = DRS_LAUNCH_FAILED;
        s->phase = DRS_PHASE_NONE;
        s->error_code = "CONFLICT";
        s->error = drsw_dup(
            st, message[0] ? message : "another DRS job holds the server");
        s->dirty = true;
    }

    drsw_unit_error(st, u, "CONFLICT",
                    message[0] ? message
                               : "another DRS job holds servers of the unit");

    if (n != 0) {
        (void) drsw_unit_split(st, u, rest, n);
    }
}


void
drsw_unit_conflict(drsw_step_t *st, drs_exec_unit_t *u, const char *servers,
                   const char *message, int attempt)
{
    size_t at;

    if (servers[0] != '\0' || attempt != 0) {
        u->conflict_servers = drsw_dup(st, servers);
    }

    u->dirty = true;

    if (u->conflicts < DRSW_CONFLICT_WAITS) {
        u->next_at = st->now + st->set->conflict_wait[u->conflicts];
        u->conflicts++;
        u->reason = DRS_REASON_CONFLICT;
        u->max_attempts += attempt != 0;
        drsw_due(st, u->next_at);

        if (attempt != 0) {
            /* earlier open sends decide by step 6, so the unit stays INTENT */
            drsw_close(st, u, attempt,
                       u->nopen > 1 ? DRS_UNIT_INTENT : DRS_UNIT_PLANNED);
        }

        return;
    }

    at = (size_t) (u - st->n->units);
    drsw_conflict_over(st, u, u->conflict_servers, message);
    u = &st->n->units[at];

    if (attempt != 0) {
        drsw_close(st, u, attempt, DRS_UNIT_FAILED);

    } else {
        drsw_unit_state(st, u, DRS_UNIT_FAILED);
    }
}


static int64_t
drsw_backoff(const drsw_step_t *st, const drs_exec_unit_t *u)
{
    int     i;
    int64_t wait;

    wait = st->set->throttle_base;

    for (i = 0; i < u->throttles && wait < st->set->throttle_max; i++) {
        wait *= 2;
    }

    return wait < st->set->throttle_max ? wait : st->set->throttle_max;
}


/* A definite refusal, or nothing was sent. */
static void
drsw_refused(drsw_step_t *st, drs_exec_unit_t *u, const drsw_send_t *send)
{
    int64_t wait;

    switch (send->why) {
    case DRSW_WHY_CONFLICT:
        drsw_unit_conflict(st, u, send->server, send->message, send->attempt);
        return;

    case DRSW_WHY_PERMANENT:
        drsw_unit_error(st, u, send->code, send->message);
        drsw_unit_servers(st, u, DRS_LAUNCH_FAILED, send->code, send->message);
        drsw_close(st, u, send->attempt, DRS_UNIT_FAILED);
        return;

    case DRSW_WHY_QUOTA:
        wait = st->set->quota_wait;
        u->reason = DRS_REASON_CAPACITY;
        break;

    default:
        wait = send->retry_after >= 0 ? send->retry_after : drsw_backoff(st, u);
        u->throttles++;
        u->reason = DRS_REASON_THROTTLED;
        drsw_unit_error(st, u, send->code, send->message);
        break;
    }

    /* not an attempt that could have launched anything */

    u->max_attempts++;
    u->next_at = st->now + wait;
    u->dirty = true;
    drsw_due(st, u->next_at);
    drsw_close(st, u, send->attempt, DRS_UNIT_PLANNED);
}


static bool
drsw_send_is_open(const drs_exec_unit_t *u, int attempt)
{
    size_t i;

    for (i = 0; i < u->nopen; i++) {
        if (u->open[i].attempt == attempt) {
            return true;
        }
    }

    return false;
}


void
drsw_apply_sends(drsw_step_t *st)
{
    size_t             i;
    drs_exec_unit_t   *u;
    const drsw_send_t *send;

    for (i = 0; i < st->obs->nsends; i++) {
        send = &st->obs->sends[i];
        u = drs_exec_unit(st->n, send->unit);

        if (u == NULL) {
            continue;
        }

        if (send->outcome == DRSW_SEND_NOT_ARMED) {
            if (u->state == DRS_UNIT_PLANNED) {
                u->next_at = st->now
                             + (send->retry_after > st->set->poll_every
                                    ? send->retry_after
                                    : st->set->poll_every);
                u->dirty = true;
                drsw_due(st, u->next_at);
            }
            continue;
        }

        if (u->state != DRS_UNIT_INTENT || u->attempt != send->attempt
            || !drsw_send_is_open(u, send->attempt))
        {
            continue;
        }

        if (send->outcome == DRSW_SEND_UNKNOWN) {
            drsw_due(st, st->now + st->set->look_first);
            continue;
        }

        drsw_refused(st, u, send);
    }
}
