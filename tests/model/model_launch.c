
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Explicit-state exploration of the launch protocol (ADR 0004).  The decision
 * is the real one, drsw_unit_decide() and drsw_unit_releasable(); here are the
 * store, the network, AWS, two workers and the faults around it.
 *
 * Time is discrete: R = 1, L = 1, V = 2, margin 1, so Q = 3 and H = 4 ticks.
 * What happened is kept as ages that saturate beyond H, so that the state
 * space is finite.  Every fault happens at most once in a run.
 *
 * Properties (launch-protocol): a two jobs of ours; b a job of ours stays
 * unknown; c an arm after an acknowledged cancel; d a foreign job adopted;
 * e a state from which no rest can be reached; f claims released too early.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drsw_engine.h"


#define M_NOW     1000
#define M_OLD     6 /* ages saturate here, > H */
#define M_R       1
#define M_L       1
#define M_V       2
#define M_WORKERS 2
#define M_SENDS   3 /* attempts */
#define M_JOBS    4
#define M_NONE    0xff

enum {
    F_CRASH0 = 1 << 0,
    F_CRASH1 = 1 << 1,
    F_FREEZE = 1 << 2,
    F_LOST = 1 << 3,
    F_DELAY = 1 << 4,
    F_FAILOVER = 1 << 5,
    F_FOREIGN = 1 << 6,
    F_CANCEL = 1 << 7,
    F_DROP = 1 << 8,
    F_N = 9
};

enum { /* rules kept by the store, taken away */
    X_DURABLE = 1 << 0,
    X_VERSION = 1 << 1,
    X_CONFLICT = 1 << 2,
    X_OWNER = 1 << 3
};

enum {
    PC_IDLE = 0,
    PC_DECIDED,
    PC_ARMED,
    PC_SENDING,
    PC_ANSWER
};
enum {
    ANS_NONE = 0,
    ANS_JOB,
    ANS_REFUSED,
    ANS_CONFLICT
};

typedef struct {
    uint8_t attempt, age;
} m_send_t;

typedef struct {
    uint8_t  state, attempt, nopen, job, jobs, ended, held, ver;
    uint8_t  cancel, released, over;
    uint8_t  fence, owner; /* owner: instance, M_NONE none */
    m_send_t open[M_SENDS];
} m_store_t;

typedef struct {
    uint8_t pc, attempt, age, ver, ans, ansjob;
    uint8_t fence, frozen;
    uint8_t looked, lookage, seen, busy; /* newest look: masks of jobs */
    uint8_t wrote;                       /* frozen when its lease was taken */
} m_worker_t;

typedef struct {
    uint8_t used, attempt, age, delayed, worker;
} m_net_t;

typedef struct {
    uint8_t used, attempt, age, foreign, ended, visible, send;
} m_job_t;

typedef struct {
    m_store_t  s, prev; /* prev: before the last write */
    m_worker_t w[M_WORKERS];
    m_net_t    net[M_SENDS];
    m_job_t    job[M_JOBS];
    uint8_t    faults_lo, faults_hi; /* used up */
    uint8_t    acked;                /* cancel acknowledged */
    uint8_t    soft;                 /* last claim is not durable yet */
} m_state_t;

typedef struct {
    drsw_settings_t set;
    unsigned        faults, off;
    m_state_t      *v;
    uint32_t       *hash, nhash;
    uint32_t        n, max;
    uint32_t (*edges)[2];
    uint32_t nedges, maxedges;
    unsigned broken; /* bit: property */
    uint32_t cur;
    int      fault; /* the action taken is a fault */
} m_run_t;

static const char *m_ids[M_JOBS] = { "job-0", "job-1", "job-2", "job-3" };
static const char *m_servers[2] = { "s-a", "s-b" };


/* -- state space ---------------------------------------------------------- */

static uint32_t
m_hash(const m_state_t *s)
{
    size_t         i;
    uint64_t       h;
    const uint8_t *p;

    h = UINT64_C(1469598103934665603);
    p = (const uint8_t *) s;

    for (i = 0; i < sizeof(m_state_t); i++) {
        h = (h ^ p[i]) * UINT64_C(1099511628211);
    }

    return (uint32_t) (h ^ (h >> 32));
}


static void
m_edge(m_run_t *r, uint32_t to)
{
    if (r->fault || to == r->cur) {
        return;
    }

    if (r->nedges == r->maxedges) {
        r->maxedges = r->maxedges ? r->maxedges * 2 : 65536;
        r->edges = realloc(r->edges, r->maxedges * sizeof(r->edges[0]));
        if (r->edges == NULL) {
            abort();
        }
    }

    r->edges[r->nedges][0] = r->cur;
    r->edges[r->nedges][1] = to;
    r->nedges++;
}


static void
m_rehash(m_run_t *r)
{
    uint32_t i, at;

    r->nhash = r->nhash ? r->nhash * 2 : 65536;
    free(r->hash);
    r->hash = calloc(r->nhash, sizeof(uint32_t));
    if (r->hash == NULL) {
        abort();
    }

    for (i = 0; i < r->n; i++) {
        at = m_hash(&r->v[i]) & (r->nhash - 1);
        while (r->hash[at] != 0) {
            at = (at + 1) & (r->nhash - 1);
        }
        r->hash[at] = i + 1;
    }
}


static void
m_add(m_run_t *r, const m_state_t *s)
{
    uint32_t at;

    if (r->n * 2 >= r->nhash) {
        m_rehash(r);
    }

    at = m_hash(s) & (r->nhash - 1);

    while (r->hash[at] != 0) {
        if (memcmp(&r->v[r->hash[at] - 1], s, sizeof(m_state_t)) == 0) {
            m_edge(r, r->hash[at] - 1);
            return;
        }
        at = (at + 1) & (r->nhash - 1);
    }

    if (r->n == r->max) {
        r->max = r->max ? r->max * 2 : 32768;
        r->v = realloc(r->v, r->max * sizeof(m_state_t));
        if (r->v == NULL) {
            abort();
        }
    }

    r->v[r->n] = *s;
    r->hash[at] = ++r->n;
    m_edge(r, r->n - 1);
}


static void
m_break(m_run_t *r, char property)
{
    r->broken |= 1u << (property - 'a');
}


/* -- the unit as the engine sees it --------------------------------------- */

static void
m_unit(const m_state_t *s, drs_exec_unit_t *u, const char **jobs, char *ended,
       char *held)
{
    int    i;
    size_t k;

    memset(u, 0, sizeof(drs_exec_unit_t));
    drs_exec_unit_clear(u);
    u->id = "0-0";
    u->state = (drs_unit_state_t) s->s.state;
    u->servers = m_servers;
    u->nservers = 2;
    u->attempt = s->s.attempt;
    u->max_attempts = M_SENDS - 1;
    u->jobs = jobs;
    ended[0] = held[0] = '\0';

    for (k = 0; k < s->s.nopen; k++) {
        u->open[k].attempt = s->s.open[k].attempt;
        u->open[k].at = M_NOW - s->s.open[k].age;
        u->open[k].owner = "w";
    }

    u->nopen = s->s.nopen;

    for (i = 0; i < M_JOBS; i++) {
        if (s->s.jobs & (1 << i)) {
            jobs[u->njobs++] = m_ids[i];
        }
        if (s->s.ended & (1 << i)) {
            (void) strcat(strcat(ended, ended[0] ? " " : ""), m_ids[i]);
        }
        if (s->s.held & (1 << i)) {
            (void) strcat(strcat(held, " "), m_ids[i]);
        }
    }

    u->job = s->s.job != M_NONE ? m_ids[s->s.job] : "";
    u->ended = ended;
    u->held = held;
    u->held_reason = "X";
}


static void
m_look(const m_state_t *s, const m_worker_t *w, drsw_look_t *look,
       drsw_job_t *jobs)
{
    int                            i;
    static const drsw_job_server_t ours[2] = {
        { "s-a", DRS_LAUNCH_PENDING, "", "" },
        { "s-b", DRS_LAUNCH_PENDING, "", "" }
    };
    static const drsw_job_server_t theirs[2] = {
        { "s-b", DRS_LAUNCH_PENDING, "", "" },
        { "s-z", DRS_LAUNCH_PENDING, "", "" }
    };

    memset(look, 0, sizeof(drsw_look_t));
    look->unit = "0-0";
    look->ok = true;
    look->at = M_NOW - w->lookage;
    look->jobs = jobs;

    for (i = 0; i < M_JOBS; i++) {
        if (!(w->seen & (1 << i))) {
            continue;
        }

        memset(&jobs[look->njobs], 0, sizeof(drsw_job_t));
        jobs[look->njobs].id = m_ids[i];
        jobs[look->njobs].type = "LAUNCH";
        jobs[look->njobs].initiated_by = "START_DRILL";
        jobs[look->njobs].tag = jobs[look->njobs].owner = "";
        jobs[look->njobs].created_at = M_NOW - s->job[i].age;
        jobs[look->njobs].servers = s->job[i].foreign ? theirs : ours;
        jobs[look->njobs].nservers = 2;
        look->njobs++;
    }
}


/* -- the store's functions ------------------------------------------------ */

static bool
m_owns(const m_run_t *r, const m_state_t *s, int w)
{
    if (s->w[w].fence == 0 || s->w[w].fence != s->s.fence) {
        return false;
    }

    return (r->off & X_OWNER) || s->s.owner == w;
}


/* Before a write: what a fail-over without durability would come back to. */
static void
m_write(const m_run_t *r, m_state_t *s)
{
    if (r->off & X_DURABLE) {
        s->prev = s->s;
    }

    s->s.ver++;
    s->soft = 0;
}


static bool
m_close(m_state_t *s, uint8_t attempt)
{
    bool found;
    int  i, n;

    n = 0;
    found = false;

    for (i = 0; i < s->s.nopen; i++) {
        if (s->s.open[i].attempt == attempt) {
            found = true;
        } else {
            s->s.open[n++] = s->s.open[i];
        }
    }

    s->s.nopen = (uint8_t) n;
    memset(&s->s.open[n], 0, (size_t) (M_SENDS - n) * sizeof(m_send_t));

    return found;
}


/* drs_unit_fact */
static void
m_fact(m_run_t *r, m_state_t *s, uint8_t attempt, int job)
{
    bool found, first;

    if (s->s.jobs & (1 << job)) {
        return;
    }

    m_write(r, s);

    if (s->job[job].foreign) {
        m_break(r, 'd');
    }

    found = attempt != 0 && m_close(s, attempt);
    first = s->s.jobs == 0;
    s->s.jobs |= (uint8_t) (1 << job);

    if (s->s.job == M_NONE) {
        s->s.job = (uint8_t) job;
    }

    s->s.state = first && s->s.state == DRS_UNIT_INTENT
                         && (attempt == 0 || found || attempt == s->s.attempt)
                     ? DRS_UNIT_STARTED
                     : DRS_UNIT_HELD;
}


/* drs_unit_arm */
static bool
m_arm(m_run_t *r, m_state_t *s, int w)
{
    m_store_t *u;

    u = &s->s;

    if (!m_owns(r, s, w) || u->cancel || u->released
        || u->attempt + 1 >= M_SENDS) {
        return false;
    }

    if (!(r->off & X_VERSION)
        && (u->ver != s->w[w].ver || u->state != DRS_UNIT_PLANNED))
    {
        return false;
    }

    if (s->acked) {
        m_break(r, 'c');
    }

    m_write(r, s);
    u->state = DRS_UNIT_INTENT;
    u->attempt++;
    u->open[u->nopen].attempt = u->attempt;
    u->open[u->nopen].age = 0;
    u->nopen++;

    return true;
}


/* -- what a worker does --------------------------------------------------- */

static void
m_decide(m_run_t *r, m_state_t *s, int w)
{
    int             i;
    char            ended[64], held[64];
    const char     *jobs[M_JOBS];
    drsw_job_t      list[M_JOBS];
    drsw_look_t     look;
    drs_exec_unit_t u;
    drsw_evidence_t ev;
    drsw_decision_t d;

    m_unit(s, &u, jobs, ended, held);
    m_look(s, &s->w[w], &look, list);
    ev.look = &look;
    ev.cancelled = s->s.cancel != 0;
    ev.drill = true;
    ev.self = "e 0-0";

    drsw_unit_decide(&u, &ev, &r->set, M_NOW, &d);

    if (d.what == DRSW_DO_ADOPT || d.what == DRSW_DO_STRAY) {
        for (i = 0; i < M_JOBS; i++) {
            if (strcmp(m_ids[i], d.job) == 0) {
                m_fact(r, s, (uint8_t) d.attempt, i);
                return;
            }
        }
    }

    if (d.close != 0) {
        m_write(r, s);
        for (i = (int) u.nopen - 1; i >= 0; i--) {
            if (d.close & (1u << i)) {
                (void) m_close(s, (uint8_t) u.open[i].attempt);
            }
        }
    }

    switch (d.what) {
    case DRSW_DO_HOLD:
        m_write(r, s);
        s->s.state = DRS_UNIT_HELD;
        s->s.held |= s->w[w].seen;
        break;
    case DRSW_DO_RETRY:
        m_write(r, s);
        s->s.state = s->s.cancel ? DRS_UNIT_CANCELLED : DRS_UNIT_PLANNED;
        break;
    case DRSW_DO_CANCEL:
        m_write(r, s);
        s->s.state = DRS_UNIT_CANCELLED;
        break;
    default:
        break;
    }
}


/* Jobs that the store knows are polled by id until their end. */
static void
m_poll(m_run_t *r, m_state_t *s)
{
    int i;

    for (i = 0; i < M_JOBS; i++) {
        if ((s->s.jobs & (1 << i)) && s->job[i].ended
            && !(s->s.ended & (1 << i))) {
            m_write(r, s);
            s->s.ended |= (uint8_t) (1 << i);
        }
    }

    if (s->s.state == DRS_UNIT_STARTED && (s->s.ended & (1 << s->s.job))) {
        m_write(r, s);
        s->s.state = DRS_UNIT_DONE;
        s->s.over = 1;
    }
}


static bool
m_can_take_effect(const m_state_t *s)
{
    int i;

    for (i = 0; i < M_SENDS; i++) {
        if (s->net[i].used && s->net[i].age <= M_V) {
            return true;
        }
    }

    for (i = 0; i < M_WORKERS; i++) {
        if (s->w[i].pc == PC_ARMED && s->w[i].age <= M_V) {
            return true;
        }
    }

    for (i = 0; i < M_JOBS; i++) {
        if (s->job[i].used && !s->job[i].foreign && !s->job[i].ended) {
            return true;
        }
    }

    return false;
}


/* launch-protocol step 9 */
static void
m_release(m_run_t *r, m_state_t *s)
{
    char            ended[64], held[64];
    const char     *jobs[M_JOBS];
    drs_exec_unit_t u;

    m_unit(s, &u, jobs, ended, held);

    if (u.state == DRS_UNIT_HELD && s->s.over) {
        /* the run has ended: a late job is followed, then settled */
        u.state = DRS_UNIT_DONE;
    }

    if (s->s.released || !drsw_unit_releasable(&u, &r->set)) {
        return;
    }

    m_write(r, s);
    s->s.state = (uint8_t) u.state;
    s->s.released = 1;

    if (m_can_take_effect(s)) {
        m_break(r, 'f');
    }
}


/* One step of the owner after a look: every write is compared with ver. */
static void
m_step(m_run_t *r, const m_state_t *from, int w)
{
    m_state_t s;

    s = *from;
    m_poll(r, &s);

    if (s.s.state == DRS_UNIT_PLANNED && s.s.cancel) {
        m_write(r, &s);
        s.s.state = DRS_UNIT_CANCELLED;

    } else if (s.s.state == DRS_UNIT_INTENT || s.s.nopen != 0) {
        m_decide(r, &s, w);
    }

    if (s.s.state == DRS_UNIT_PLANNED && !s.s.cancel && s.w[w].lookage == 0
        && !s.w[w].busy && s.s.attempt + 1 < M_SENDS)
    {
        s.w[w].pc = PC_DECIDED;
        s.w[w].ver = s.s.ver;
    }

    m_release(r, &s);
    s.w[w].looked = s.w[w].lookage = s.w[w].seen = s.w[w].busy = 0;
    m_add(r, &s);
}


static void
m_worker_look(m_run_t *r, const m_state_t *from, int w)
{
    int       i;
    m_state_t s;

    s = *from;
    s.w[w].looked = 1;
    s.w[w].lookage = 0;
    s.w[w].seen = s.w[w].busy = 0;

    for (i = 0; i < M_JOBS; i++) {
        if (s.job[i].used && s.job[i].visible) {
            s.w[w].seen |= (uint8_t) (1 << i);
            s.w[w].busy |= !s.job[i].ended && !(s.s.jobs & (1 << i));
        }
    }

    m_add(r, &s);
}


static void
m_forget(m_worker_t *w)
{
    uint8_t fence;

    fence = w->fence;
    memset(w, 0, sizeof(m_worker_t));
    w->fence = fence;
}


/* The answer of a call: a job id is a fact, everything else needs the fence. */
static void
m_answer(m_run_t *r, const m_state_t *from, int w)
{
    uint8_t   kind, job, attempt;
    m_state_t s;

    s = *from;
    kind = s.w[w].ans;
    job = s.w[w].ansjob;
    attempt = s.w[w].attempt;
    m_forget(&s.w[w]);

    if (kind == ANS_JOB) {
        m_fact(r, &s, attempt, job);

    } else if (kind == ANS_CONFLICT && (r->off & X_CONFLICT) && s.s.jobs == 0) {
        /* rule taken away: "the job that holds the servers is ours" */
        m_fact(r, &s, attempt, job);

    } else if (kind != ANS_NONE && m_owns(r, &s, w)) {
        m_write(r, &s);
        (void) m_close(&s, attempt);

        if (s.s.state == DRS_UNIT_INTENT && s.s.nopen == 0) {
            s.s.state = s.s.cancel                  ? DRS_UNIT_CANCELLED
                        : s.s.attempt + 1 < M_SENDS ? DRS_UNIT_PLANNED
                                                    : DRS_UNIT_FAILED;
            s.s.over = s.s.state == DRS_UNIT_FAILED;
        }
    }

    m_add(r, &s);
}


static void
m_send(m_run_t *r, const m_state_t *from, int w)
{
    int       i;
    m_state_t s;

    s = *from;
    s.w[w].pc = PC_SENDING;

    for (i = 0; i < M_SENDS; i++) {
        if (!s.net[i].used) {
            s.net[i].used = 1;
            s.net[i].attempt = s.w[w].attempt;
            s.net[i].age = s.w[w].age;
            s.net[i].delayed = s.w[w].age >= M_R; /* frozen before it */
            s.net[i].worker = (uint8_t) w;
            break;
        }
    }

    m_add(r, &s);
}


static void
m_worker(m_run_t *r, const m_state_t *from, int w)
{
    m_state_t         s;
    const m_worker_t *k;

    k = &from->w[w];

    if (k->frozen) {
        s = *from;
        s.w[w].frozen = 0;
        m_add(r, &s);
        return;
    }

    switch (k->pc) {
    case PC_IDLE:
        if (!m_owns(r, from, w)) {
            if (from->s.owner == M_NONE || from->w[from->s.owner].frozen
                || from->w[from->s.owner].fence != from->s.fence)
            {
                s = *from;
                m_forget(&s.w[w]);
                s.s.fence++;
                s.s.owner = (uint8_t) w;
                s.w[w].fence = s.s.fence;
                s.soft = 1;
                m_add(r, &s);
            }
            return;
        }

        if (!from->s.released) {
            m_worker_look(r, from, w);
            if (k->looked) {
                m_step(r, from, w);
            }
        }
        return;

    case PC_DECIDED:
        s = *from;
        if (m_arm(r, &s, w)) {
            s.w[w].pc = PC_ARMED;
            s.w[w].attempt = s.s.attempt;
            s.w[w].age = 0;
        } else {
            m_forget(&s.w[w]);
        }
        m_add(r, &s);
        return;

    case PC_ARMED:
        m_send(r, from, w);
        return;

    case PC_SENDING:
        if (k->age >= M_R) {
            s = *from; /* time-out: the send stays open */
            m_forget(&s.w[w]);
            m_add(r, &s);
        }
        return;

    default:
        m_answer(r, from, w);
        return;
    }
}


/* -- network and AWS ------------------------------------------------------ */

/* A request arrives: a job, or a refusal; `lost`: nobody hears of it. */
static void
m_deliver(m_run_t *r, const m_state_t *from, int n, bool lost)
{
    int         i, busy, own, slot;
    m_state_t   s;
    m_net_t     q;
    m_worker_t *w;

    s = *from;
    q = s.net[n];
    memset(&s.net[n], 0, sizeof(m_net_t));
    busy = own = slot = -1;

    for (i = 0; i < M_JOBS; i++) {
        if (s.job[i].used && !s.job[i].ended) {
            busy = i;
        }
        if (s.job[i].used && !s.job[i].foreign) {
            own = i;
        }
        if (!s.job[i].used && slot < 0) {
            slot = i;
        }
    }

    w = &s.w[q.worker];

    if (w->pc != PC_SENDING || w->attempt != q.attempt || w->frozen) {
        lost = true;
        w = NULL;
    }

    if (q.age > M_V) {
        if (!lost) {
            w->pc = PC_ANSWER;
            w->ans = ANS_REFUSED;
        }

    } else if (busy >= 0) {
        if (!lost) {
            w->pc = PC_ANSWER;
            w->ans = ANS_CONFLICT;
            w->ansjob = (uint8_t) busy;
        }

    } else if (slot >= 0) {
        if (own >= 0) {
            m_break(r, 'a');
        }

        s.job[slot].used = 1;
        s.job[slot].attempt = q.attempt;

        if (!lost) {
            w->pc = PC_ANSWER;
            w->ans = ANS_JOB;
            w->ansjob = (uint8_t) slot;
        }
    }

    m_add(r, &s);
}


static void
m_aws(m_run_t *r, const m_state_t *from)
{
    int       i;
    m_state_t s;

    for (i = 0; i < M_SENDS; i++) {
        if (from->net[i].used) {
            m_deliver(r, from, i, false);
        }
    }

    for (i = 0; i < M_JOBS; i++) {
        if (!from->job[i].used) {
            continue;
        }

        if (!from->job[i].visible) {
            s = *from;
            s.job[i].visible = 1;
            m_add(r, &s);

        } else if (!from->job[i].ended) {
            s = *from;
            s.job[i].ended = 1;
            m_add(r, &s);
        }
    }
}


static void
m_older(uint8_t *age)
{
    if (*age < M_OLD) {
        (*age)++;
    }
}


/* One tick, unless something must happen before it. */
static void
m_tick(m_run_t *r, const m_state_t *from)
{
    int       i;
    m_state_t s;

    s = *from;

    for (i = 0; i < M_WORKERS; i++) {
        if (!s.w[i].frozen
            && (s.w[i].pc == PC_ARMED || s.w[i].pc == PC_ANSWER
                || (s.w[i].pc == PC_SENDING && s.w[i].age >= M_R)))
        {
            return;
        }

        if (s.w[i].pc == PC_ARMED || s.w[i].pc == PC_SENDING) {
            m_older(&s.w[i].age);
        }

        if (s.w[i].looked) {
            m_older(&s.w[i].lookage);
        }
    }

    for (i = 0; i < M_SENDS; i++) {
        if (s.net[i].used) {
            if (!s.net[i].delayed && s.net[i].age >= M_R) {
                return;
            }
            m_older(&s.net[i].age);
        }
    }

    for (i = 0; i < M_JOBS; i++) {
        if (s.job[i].used) {
            if (!s.job[i].visible && s.job[i].age >= s.job[i].send + M_L) {
                return;
            }
            m_older(&s.job[i].age);
        }
    }

    for (i = 0; i < s.s.nopen; i++) {
        m_older(&s.s.open[i].age);
    }

    for (i = 0; i < s.prev.nopen; i++) {
        m_older(&s.prev.open[i].age);
    }

    m_add(r, &s);
}


/* -- faults --------------------------------------------------------------- */

static bool
m_use(const m_run_t *r, m_state_t *s, unsigned fault)
{
    unsigned used;

    used = s->faults_lo | (unsigned) s->faults_hi << 8;

    if (!(r->faults & fault) || (used & fault)) {
        return false;
    }

    used |= fault;
    s->faults_lo = (uint8_t) used;
    s->faults_hi = (uint8_t) (used >> 8);

    return true;
}


static void
m_fault_worker(m_run_t *r, const m_state_t *from)
{
    int       i;
    m_state_t s;

    for (i = 0; i < M_WORKERS; i++) {
        s = *from;

        if (m_use(r, &s, i ? F_CRASH1 : F_CRASH0)) {
            memset(&s.w[i], 0, sizeof(m_worker_t)); /* a new instance */
            m_add(r, &s);
        }

        s = *from;

        if (!s.w[i].frozen && m_use(r, &s, F_FREEZE)) {
            s.w[i].frozen = 1;
            m_add(r, &s);
        }
    }
}


static void
m_fault_net(m_run_t *r, const m_state_t *from)
{
    int       i;
    m_state_t s;

    for (i = 0; i < M_SENDS; i++) {
        if (!from->net[i].used) {
            continue;
        }

        s = *from;
        if (m_use(r, &s, F_LOST)) {
            m_deliver(r, &s, i, true);
        }

        s = *from;
        if (!s.net[i].delayed && m_use(r, &s, F_DELAY)) {
            s.net[i].delayed = 1;
            m_add(r, &s);
        }

        s = *from;
        if (m_use(r, &s, F_DROP)) {
            memset(&s.net[i], 0, sizeof(m_net_t));
            m_add(r, &s);
        }
    }
}


static void
m_fault_other(m_run_t *r, const m_state_t *from)
{
    int       i;
    m_state_t s;

    s = *from;
    if (m_use(r, &s, F_FAILOVER)) {
        if (r->off & X_DURABLE) {
            s.s = s.prev;
        } else if (s.soft && s.s.fence != 0) {
            s.s.fence--; /* the last claim was not acknowledged */
            s.s.owner = M_NONE;
        }
        s.soft = 0;
        m_add(r, &s);
    }

    s = *from;
    if (!s.s.cancel && s.s.state != DRS_UNIT_DONE && m_use(r, &s, F_CANCEL)) {
        m_write(r, &s);
        s.s.cancel = 1;
        s.acked = 1;
        m_add(r, &s);
    }

    s = *from;
    for (i = 0; i < M_JOBS && (s.job[i].used == 0 || s.job[i].ended); i++) {
        /* DRS takes one job per server */
    }

    if (i == M_JOBS && m_use(r, &s, F_FOREIGN)) {
        for (i = 0; i < M_JOBS; i++) {
            if (!s.job[i].used) {
                s.job[i].used = s.job[i].foreign = 1;
                m_add(r, &s);
                break;
            }
        }
    }
}


/* -- exploration ---------------------------------------------------------- */

static bool
m_is_rest(const m_state_t *s)
{
    int i;

    if (s->s.state == DRS_UNIT_PLANNED || s->s.state == DRS_UNIT_INTENT
        || s->s.state == DRS_UNIT_STARTED)
    {
        return false;
    }

    for (i = 0; i < M_SENDS; i++) {
        if (s->net[i].used) {
            return false;
        }
    }

    for (i = 0; i < M_WORKERS; i++) {
        if (s->w[i].pc != PC_IDLE) {
            return false;
        }
    }

    return true;
}


static bool
m_all_known(const m_state_t *s)
{
    int i;

    for (i = 0; i < M_JOBS; i++) {
        if (s->job[i].used && !s->job[i].foreign
            && !((s->s.jobs | s->s.held) & (1 << i)))
        {
            return false;
        }
    }

    return true;
}


/* States from which no marked state can be reached without a fault. */
static bool
m_unreachable(m_run_t *r, bool known)
{
    bool     change, bad;
    uint8_t *mark;
    uint32_t i;

    mark = calloc(r->n, 1);
    if (mark == NULL) {
        abort();
    }

    for (i = 0; i < r->n; i++) {
        mark[i] = m_is_rest(&r->v[i]) && (!known || m_all_known(&r->v[i]));
    }

    do {
        change = false;

        for (i = r->nedges; i-- > 0; /* void */) {
            if (mark[r->edges[i][1]] && !mark[r->edges[i][0]]) {
                mark[r->edges[i][0]] = 1;
                change = true;
            }
        }
    } while (change);

    bad = false;

    for (i = 0; i < r->n; i++) {
        bad |= !mark[i];
    }

    free(mark);

    return bad;
}


static void
m_explore(m_run_t *r)
{
    int       i;
    m_state_t s;

    memset(&s, 0, sizeof(m_state_t));
    s.s.job = M_NONE;
    s.s.owner = M_NONE;
    s.prev = s.s;
    r->fault = 1;
    m_add(r, &s);

    for (r->cur = 0; r->cur < r->n; r->cur++) {
        s = r->v[r->cur];
        r->fault = 0;

        for (i = 0; i < M_WORKERS; i++) {
            m_worker(r, &s, i);
        }

        m_aws(r, &s);
        m_tick(r, &s);

        r->fault = 1;
        m_fault_worker(r, &s);
        m_fault_net(r, &s);
        m_fault_other(r, &s);
    }

    if (m_unreachable(r, false)) {
        m_break(r, 'e');
    }

    if (m_unreachable(r, true)) {
        m_break(r, 'b');
    }
}


static void
m_free(m_run_t *r)
{
    free(r->v);
    free(r->hash);
    free(r->edges);
}


static void
m_text(char *dst, unsigned broken)
{
    int    i;
    size_t n;

    n = 0;

    for (i = 0; i < 6; i++) {
        if (broken & (1u << i)) {
            dst[n++] = (char) ('a' + i);
        }
    }

    dst[n] = '\0';
}


static uint32_t m_total;


/*
 * want NULL: every property holds.  Else: one of these properties, at least,
 * must be violated.
 */
static int
m_run(const char *name, bool strict, unsigned faults, unsigned omit,
      unsigned off, const char *want)
{
    int     ok;
    char    text[8];
    m_run_t r;

    memset(&r, 0, sizeof(m_run_t));
    drsw_settings_init(&r.set);
    r.set.request_timeout = M_R;
    r.set.listing_lag = M_L;
    r.set.signature_validity = M_V;
    r.set.margin = 1;
    r.set.transit = M_R;
    r.set.skew = 0;
    r.set.look_first = 0;
    r.set.look_every = 0;
    r.set.look_watch = 0;
    r.set.strict = strict;
    r.set.omit = omit;
    r.faults = faults;
    r.off = off;

    m_explore(&r);
    m_text(text, r.broken);
    m_total += r.n;

    ok = want == NULL ? r.broken == 0 : strpbrk(text, want) != NULL;

    if (!ok || name[0] != '\0') {
        printf("%-4s %-48s %8u states, violated: %s\n", ok ? "ok" : "FAIL",
               name[0] ? name : "pair of faults", r.n, text[0] ? text : "-");
        if (!ok) {
            printf("     faults 0x%x, omitted 0x%x, store rules off 0x%x\n",
                   faults, omit, off);
        }
    }

    m_free(&r);

    return ok ? 0 : 1;
}


int
main(void)
{
    int     i, j, bad, runs;
    clock_t start;

    bad = runs = 0;
    start = clock();

    for (i = 0; i < F_N; i++) {
        for (j = i; j < F_N; j++) {
            bad += m_run("", true, 1u << i | 1u << j, 0, 0, NULL);
            runs++;
        }
    }

    printf("%s   strict window: all %d pairs of faults, %u states\n",
           bad ? "FAIL" : "ok", runs, m_total);

    bad += m_run("strict: crash, freeze, lost", true,
                 F_CRASH0 | F_FREEZE | F_LOST, 0, 0, NULL);
    bad += m_run("strict: crash, delay, cancel", true,
                 F_CRASH0 | F_DELAY | F_CANCEL, 0, 0, NULL);
    bad += m_run("strict: lost, fail-over, foreign", true,
                 F_LOST | F_FAILOVER | F_FOREIGN, 0, 0, NULL);
    bad += m_run("quiet: crash, crash, lost, cancel", false,
                 F_CRASH0 | F_CRASH1 | F_LOST | F_CANCEL, 0, 0, NULL);
    bad += m_run("quiet: freeze (residual risk)", false, F_FREEZE | F_LOST, 0,
                 0, "a");
    bad += m_run("quiet: delay (residual risk)", false, F_DELAY, 0, 0, "a");

    bad += m_run("without durability", true, F_FAILOVER | F_CANCEL | F_LOST, 0,
                 X_DURABLE, "abcf");
    bad += m_run("without the window", true, F_DELAY, DRSW_OMIT_WINDOW, 0, "a");
    bad += m_run("without the exact set", true, F_LOST | F_FOREIGN,
                 DRSW_OMIT_EXACT, 0, "d");
    bad += m_run("without 'a conflict proves nothing'", true, F_FOREIGN, 0,
                 X_CONFLICT, "d");
    bad += m_run("without the watch", false, F_DELAY, DRSW_OMIT_WATCH, 0, "bf");
    bad += m_run("without the owner in the fence", true,
                 F_FAILOVER | F_FREEZE | F_LOST, 0, X_OWNER, NULL);
    bad += m_run("without the version compare", true,
                 F_FAILOVER | F_FREEZE | F_LOST, 0, X_VERSION, NULL);
    bad += m_run("without both", true, F_FAILOVER, 0, X_VERSION | X_OWNER, "a");
    bad += m_run("without following strays", false, F_DELAY, DRSW_OMIT_STRAYS,
                 0, "f");

    printf("%u states in %.1f s\n", m_total,
           (double) (clock() - start) / CLOCKS_PER_SEC);

    return bad ? 1 : 0;
}
