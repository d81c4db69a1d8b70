
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a step gives out: operations for one commit, effects, events.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_json.h"
#include "drs_notify.h"
#include "drs_time.h"
#include "drsw_step.h"


const char *
drsw_text(drsw_step_t *st, const char *fmt, ...)
{
    char        buf[1024];
    va_list     ap;
    const char *z;

    va_start(ap, fmt);
    (void) vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);

    z = drs_arena_strz(st->n->arena, buf);
    st->failed |= z == NULL;

    return z ? z : "";
}


const char *
drsw_dup(drsw_step_t *st, const char *z)
{
    const char *copy;

    copy = drs_arena_strz(st->n->arena, z != NULL ? z : "");
    st->failed |= copy == NULL;

    return copy ? copy : "";
}


void
drsw_due(drsw_step_t *st, int64_t at)
{
    if (at <= st->now) {
        at = st->now + 1;
    }

    if (st->due == 0 || at < st->due) {
        st->due = at;
    }
}


void
drsw_op(drsw_step_t *st, const char *const *words, size_t n)
{
    void       *base;
    size_t      i;
    drs_str_t  *arg;
    drsw_op_t  *op;
    const char *z;

    base = (void *) st->plan->ops;
    op = drs_arena_push(st->a, &base, &st->plan->nops, &st->plan->ops_cap,
                        sizeof(drsw_op_t));
    arg = drs_arena_array(st->a, n, sizeof(drs_str_t));

    if (op == NULL || arg == NULL) {
        st->failed = true;
        return;
    }

    st->plan->ops = base;
    op->arg = arg;
    op->n = n;

    for (i = 0; i < n; i++) {
        z = drs_arena_strz(st->a, words[i]);
        st->failed |= z == NULL;
        arg[i] = drs_str(z);
    }
}


drsw_effect_t *
drsw_effect(drsw_step_t *st, drsw_effect_type_t type, const drs_exec_unit_t *u)
{
    void          *base;
    drsw_effect_t *eff;

    base = (void *) st->plan->effects;
    eff = drs_arena_push(st->a, &base, &st->plan->neffects,
                         &st->plan->effects_cap, sizeof(drsw_effect_t));
    if (eff == NULL) {
        st->failed = true;
        return &st->scrap;
    }

    st->plan->effects = base;
    eff->type = type;
    eff->wave = u != NULL ? u->wave : -1;
    eff->unit = u != NULL ? u->id : "";
    eff->account = u != NULL ? u->account : "";
    eff->region = u != NULL ? u->region : "";
    eff->job = eff->name = eff->data = eff->state = "";
    eff->next_at = -1;

    return eff;
}


bool
drsw_has_effect(const drsw_step_t *st, drsw_effect_type_t type,
                const char *unit)
{
    size_t i;

    for (i = 0; i < st->plan->neffects; i++) {
        if (st->plan->effects[i].type == type
            && strcmp(st->plan->effects[i].unit, unit) == 0)
        {
            return true;
        }
    }

    return false;
}


/* JSON text in the arena of the plan; steals v. */
static const char *
drsw_json(drsw_step_t *st, json_t *v)
{
    char       *text;
    const char *z;

    text = v != NULL ? drs_json_text(v, NULL) : NULL;
    json_decref(v);

    if (text == NULL) {
        st->failed = true;
        return "";
    }

    z = drs_arena_strz(st->a, text);
    st->failed |= z == NULL;
    free(text);

    return z ? z : "";
}


json_t *
drsw_out(drsw_step_t *st)
{
    json_t *copy;

    if (st->n->out == NULL || st->n->out == st->e->out) {
        copy = st->n->out != NULL ? json_deep_copy(st->n->out) : json_object();
        st->failed |= copy == NULL;
        json_decref(st->n->out);
        st->n->out = copy;
    }

    st->n->dirty_out = true;

    return st->n->out;
}


void
drsw_warning(drsw_step_t *st, const char *code, const char *message, int wave)
{
    json_t *out, *list;

    out = drsw_out(st);
    list = json_object_get(out, "warnings");

    if (list == NULL) {
        list = json_array();
        (void) json_object_set_new(out, "warnings", list);
    }

    (void) json_array_append_new(list, json_pack("{ss, ss, si}", "code", code,
                                                 "message", message,
                                                 "waveNumber", wave));
}


static json_t *
drsw_event_json(drsw_step_t *st, const char *name, json_t *data)
{
    char    iso[DRS_TIME_ISO_SIZE];
    json_t *o;

    (void) drs_time_iso_ms(iso, st->now);

    o = json_pack(
        "{ss, ss, ss, ss, ss, sI, ss, ss, so}", "time", iso, "event", name,
        "topic", strcmp(name, "notice") == 0 ? "notices" : "executions",
        "resourceType", "execution", "resourceId", st->n->id, "version",
        (json_int_t) (st->e->ver + 1), "executionId", st->n->id, "planId",
        st->n->plan_id, "data", data != NULL ? data : json_object());

    return o;
}


void
drsw_event_by(drsw_step_t *st, const char *name, const char *actor,
              json_t *data)
{
    json_t     *o;
    const char *words[2];

    o = drsw_event_json(st, name, data);

    if (actor != NULL && actor[0] != '\0') {
        (void) json_object_set_new(o, "actor", json_string(actor));
    }

    words[0] = "ev";
    words[1] = drsw_json(st, o);
    drsw_op(st, words, 2);
}


void
drsw_event(drsw_step_t *st, const char *name, json_t *data)
{
    drsw_event_by(st, name, NULL, data);
}


/* The first account of the run stands for it. */
static drs_str_t
drsw_first_account(const drs_exec_t *e)
{
    drs_str_t rest, item;

    rest = drs_str(e->accounts);

    while (rest.len > 0 && drs_str_split(&rest, ' ', &item)) {
        if (item.len > 0) {
            return item;
        }
    }

    return drs_str(NULL);
}


void
drsw_notify(drsw_step_t *st, const char *name, int wave, json_t *data)
{
    json_t           *entry;
    const char       *words[5];
    drs_notify_head_t h;

    memset(&h, 0, sizeof(h));
    h.event = drs_str(name);
    h.at_ms = st->now;
    h.execution = drs_str(st->n->id);
    h.plan = drs_str(st->n->plan_id);
    h.plan_name = drs_str(st->n->plan_name);
    h.type = drs_str(st->n->drill ? "DRILL" : "RECOVERY");
    h.account = drsw_first_account(st->n);

    if (st->status == DRS_EXEC_PAUSED) {
        h.pause_epoch = st->e->pause_epoch + (st->from != DRS_EXEC_PAUSED);
    }

    if (data == NULL) {
        data = json_object();
    }

    if (wave >= 0 && json_object_get(data, "pausedBeforeWave") == NULL
        && json_object_get(data, "waveNumber") == NULL)
    {
        (void) json_object_set_new(data, "waveNumber", json_integer(wave));
    }

    entry = drs_notify_entry(&h, data);

    if (entry == NULL) {
        st->failed = true;
        return;
    }

    /* one commit per version: the key is unique, a repeated step repeats it */

    words[0] = "notify";
    words[1] = drsw_text(st, "%s:%s:%d:%lld:%d", st->n->id, name, wave,
                         (long long) st->e->ver, st->notes++);
    words[2] = name;
    words[3] = drsw_json(st, json_incref(entry));
    words[4] = drsw_json(st, drs_notify_notice(entry));
    drsw_op(st, words, 5);
    json_decref(entry);
}


void
drsw_notice(drsw_step_t *st, const char *severity, const char *code,
            const char *message)
{
    drsw_event(st, "notice",
               json_pack("{ss, ss, ss}", "severity", severity, "code", code,
                         "message", message));
}


void
drsw_status(drsw_step_t *st, drs_sm_event_t event)
{
    int         to;
    const char *id;

    to = drs_sm_next(st->status, event);
    id = drs_sm_id(st->status, event);

    if (to <= 0 || id == NULL || st->plan->sm != DRS_SM_NONE) {
        return;
    }

    st->plan->sm = event;
    st->plan->event = drs_sm_event_name(event);
    st->plan->status = drs_exec_status_name((drs_exec_status_t) to);
    st->status = (drs_exec_status_t) to;
    st->n->status = st->plan->status;
}
