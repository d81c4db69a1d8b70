
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drs-worker audit verify, drs-worker audit export (docs/audit.md).
 *
 * An export is text, one JSON object per line: {"checkpoint": ...} with what
 * was before, the entries, {"head": ...} with the end.  The copy that the
 * worker writes (audit_file) has entries only.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drs_audit.h"
#include "drs_json.h"
#include "drsw_audit.h"


#define DRSW_AUDIT_PAGE "500"


static const char drsw_audit_usage[] =
    "usage: drs-worker [--config FILE] audit verify [--file FILE]\n"
    "                                  [--anchor HASH]\n"
    "       drs-worker [--config FILE] audit export [--output FILE]\n"
    "\n"
    "verify checks the audit trail in Redis, or an exported one in a file, and\n"
    "names every entry that was changed, removed or reordered.  --anchor: a\n"
    "hash that was noted earlier and must be in the chain.\n"
    "\n"
    "exit code: 0 intact or exported, 1 it could not be read, 2 wrong usage,\n"
    "           3 the trail is not as it was written\n";


/* What is checked or written, entry by entry. */
typedef struct {
    drs_audit_verify_t v;
    int                begun;
    drs_str_t          anchor;
    FILE              *out; /* export only */
    uint64_t           written;
    int                have_head;
    uint64_t           head_seq;
    char               head_hash[DRS_SHA256_HEX_LEN + 1];
} drsw_audit_run_t;

typedef struct {
    char     id[DRS_AUDIT_ID_SIZE];
    char     hash[DRS_SHA256_HEX_LEN + 1];
    uint64_t seq; /* 0: there is none */
} drsw_audit_mark_t;

typedef int (*drsw_audit_take_pt)(drsw_audit_run_t *run, drs_str_t text);


/* --- findings ------------------------------------------------------------- */


static void
drsw_audit_found(void *data, const drs_audit_finding_t *f)
{
    const char *word;

    word = drs_audit_bad_name(f->bad);

    switch (f->bad) {
    case DRS_AUDIT_BAD_REMOVED:
        if (f->seq == f->last) {
            (void) printf("%s: entry number %" PRIu64 " is missing\n", word,
                          f->seq);
        } else {
            (void) printf("%s: entries number %" PRIu64 " to %" PRIu64
                          " are missing\n",
                          word, f->seq, f->last);
        }
        break;

    case DRS_AUDIT_BAD_FORM:
        (void) printf("%s: what stands at place %zu is no entry\n", word,
                      f->place);
        break;

    case DRS_AUDIT_BAD_CHANGED:
        (void) printf("%s: entry %.*s does not fit its hash\n", word,
                      DRS_STR_ARG(f->id));
        break;

    case DRS_AUDIT_BAD_REPLACED:
        (void) printf("%s: entry %.*s is not the one that the chain was "
                      "continued from\n",
                      word, DRS_STR_ARG(f->id));
        break;

    case DRS_AUDIT_BAD_MOVED:
        (void) printf("%s: entry %.*s stands at place %zu, behind later "
                      "ones\n",
                      word, DRS_STR_ARG(f->id), f->place);
        break;

    case DRS_AUDIT_BAD_DOUBLE:
        (void) printf("%s: entry %.*s at place %zu has a number that is "
                      "taken\n",
                      word, DRS_STR_ARG(f->id), f->place);
        break;

    case DRS_AUDIT_BAD_END:
        (void) printf("%s: the last entry %.*s is not the recorded end\n", word,
                      DRS_STR_ARG(f->id));
        break;

    default:
        if (f->id.len > 0) {
            (void) printf("%s: entry %.*s does not follow the checkpoint\n",
                          word, DRS_STR_ARG(f->id));
        } else {
            (void) printf("%s: entries number 1 to %" PRIu64 " are not here, "
                          "and no entry of the chain signs that off\n",
                          word, f->last);
        }
    }
}


static int
drsw_audit_result(drsw_audit_run_t *run)
{
    if (!run->begun) {
        drs_audit_verify_init(&run->v, 0, NULL, drsw_audit_found, NULL);
    }

    (void) drs_audit_verify_end(&run->v, run->head_seq,
                                run->have_head ? run->head_hash : NULL);

    if (run->anchor.len > 0 && !run->v.anchor_seen) {
        (void) printf("anchor: no entry has the hash %.*s\n",
                      DRS_STR_ARG(run->anchor));
        run->v.n_bad++;
    }

    if (run->v.n_bad > 0) {
        (void) printf("NOT INTACT: %zu findings in %" PRIu64 " entries\n",
                      run->v.n_bad, run->v.n);
        return DRSW_AUDIT_BROKEN;
    }

    (void) printf("intact: %" PRIu64 " entries, number %" PRIu64 " to %" PRIu64
                  "%s\nhash of the last one: %s\n",
                  run->v.n, run->v.first, run->v.seq,
                  run->have_head ? "" : " (the end is not recorded here)",
                  run->v.hash);

    return DRSW_AUDIT_INTACT;
}


/* --- entries -------------------------------------------------------------- */


static void
drsw_audit_begin(drsw_audit_run_t *run, uint64_t seq, const char *hash)
{
    run->begun = 1;
    drs_audit_verify_init(&run->v, seq, hash, drsw_audit_found, NULL);
    run->v.anchor = run->anchor;
}


static int
drsw_audit_check(drsw_audit_run_t *run, drs_str_t text)
{
    char      prev[DRS_SHA256_HEX_LEN + 1];
    json_t   *e;
    int64_t   ms;
    uint64_t  seq;
    drs_str_t s;

    e = drs_json_parse(text, &drs_json_store_limits, NULL);

    if (!run->begun) {
        s = drs_json_field(e, "prevHash");

        if (drs_audit_id_parse(drs_json_field(e, "id"), &ms, &seq) == DRS_OK
            && seq > 1 && s.len == DRS_SHA256_HEX_LEN)
        {
            memcpy(prev, s.data, s.len);
            prev[s.len] = '\0';
            drsw_audit_begin(run, seq - 1, prev);

        } else {
            drsw_audit_begin(run, 0, NULL);
        }
    }

    drs_audit_verify_entry(&run->v, e);
    json_decref(e);

    return DRS_OK;
}


static int
drsw_audit_write(drsw_audit_run_t *run, drs_str_t text)
{
    run->written++;

    return fwrite(text.data, 1, text.len, run->out) == text.len
                   && fputc('\n', run->out) != EOF
               ? DRS_OK
               : DRS_ERROR;
}


/* --- a file --------------------------------------------------------------- */


/* 1 if the line was the checkpoint or the head. */

static int
drsw_audit_frame(drsw_audit_run_t *run, drs_str_t line)
{
    int       frame;
    json_t   *v, *mark;
    uint64_t  seq;
    drs_str_t hash;

    if (!drs_str_starts(line, "{\"checkpoint\"")
        && !drs_str_starts(line, "{\"head\""))
    {
        return 0;
    }

    v = drs_json_parse(line, NULL, NULL);
    mark = json_object_get(v, "checkpoint");
    frame = 0;

    if (mark == NULL) {
        mark = json_object_get(v, "head");
        frame = 1;
    }

    seq = (uint64_t) drs_json_int(mark, "seq", 0);
    hash = drs_json_field(mark, "hash");

    if (frame == 0 && !run->begun && (seq == 0 || hash.data != NULL)) {
        drsw_audit_begin(run, seq, seq > 0 ? hash.data : NULL);

    } else if (frame == 1 && hash.len == DRS_SHA256_HEX_LEN) {
        run->have_head = 1;
        run->head_seq = seq;
        memcpy(run->head_hash, hash.data, hash.len);
    }

    json_decref(v);

    return 1;
}


static int
drsw_audit_verify_file(drsw_audit_run_t *run, const char *path)
{
    FILE   *f;
    char   *line;
    size_t  size;
    ssize_t n;
    int     bad;

    f = (strcmp(path, "-") == 0) ? stdin : fopen(path, "re");

    if (f == NULL) {
        (void) fprintf(stderr, "drs-worker: %s: %s\n", path, strerror(errno));
        return DRSW_AUDIT_FAILED;
    }

    line = NULL;
    size = 0;

    while ((n = getline(&line, &size, f)) > 0) {
        if (line[n - 1] == '\n') {
            line[--n] = '\0';
        }

        if (n > 0 && !drsw_audit_frame(run, drs_strn(line, (size_t) n))) {
            (void) drsw_audit_check(run, drs_strn(line, (size_t) n));
        }
    }

    bad = ferror(f);
    free(line);

    if (f != stdin) {
        (void) fclose(f);
    }

    if (bad) {
        (void) fprintf(stderr, "drs-worker: %s cannot be read\n", path);
        return DRSW_AUDIT_FAILED;
    }

    return drsw_audit_result(run);
}


/* --- the store ------------------------------------------------------------ */


static int
drsw_audit_mark(drsw_redis_t *redis, const char *name, drsw_audit_mark_t *m)
{
    int          rc;
    char         key[96];
    int64_t      ms;
    drsw_reply_t reply;

    memset(m, 0, sizeof(*m));

    if (drsw_redis_key(redis, key, sizeof(key), "%s", name) != DRS_OK
        || drsw_redis_words(redis, &reply, "HMGET", key, "id", "hash", NULL)
               != DRS_OK)
    {
        return DRS_ERROR;
    }

    rc = DRS_OK;

    if (reply.r.n == 2 && reply.r.v[0].len > 0) {
        if (reply.r.v[0].len >= sizeof(m->id)
            || reply.r.v[1].len != DRS_SHA256_HEX_LEN
            || drs_audit_id_parse(reply.r.v[0], &ms, &m->seq) != DRS_OK)
        {
            (void) fprintf(stderr, "drs-worker: the hash %s is damaged\n", key);
            rc = DRS_ERROR;

        } else {
            memcpy(m->id, reply.r.v[0].data, reply.r.v[0].len);
            memcpy(m->hash, reply.r.v[1].data, DRS_SHA256_HEX_LEN);
        }
    }

    drsw_reply_free(&reply);

    return rc;
}


static int
drsw_audit_take_page(drsw_audit_run_t *run, const redisReply *page,
                     drsw_audit_take_pt take)
{
    int               rc;
    size_t            i, k;
    drs_str_t         text;
    const redisReply *f;

    rc = DRS_OK;

    for (i = 0; rc == DRS_OK && i < page->elements; i++) {
        f = page->element[i]->element[1];
        text = drs_str("");

        for (k = 0; k + 1 < f->elements; k += 2) {
            if (strcmp(f->element[k]->str, "e") == 0) {
                text = drs_strn(f->element[k + 1]->str,
                                (size_t) f->element[k + 1]->len);
            }
        }

        rc = take(run, text);
    }

    return rc;
}


/* Entries behind `first` ("-": all) up to `last`. */

static int
drsw_audit_walk(drsw_redis_t *redis, drsw_audit_run_t *run, const char *first,
                const char *last, drsw_audit_take_pt take)
{
    int         rc;
    char        key[96], from[DRS_AUDIT_ID_SIZE + 1];
    size_t      n;
    redisReply *page;
    const char *argv[6];

    if (drsw_redis_key(redis, key, sizeof(key), "audit") != DRS_OK) {
        return DRS_ERROR;
    }

    (void) snprintf(from, sizeof(from), "%s%s",
                    strcmp(first, "-") == 0 ? "" : "(", first);
    argv[0] = "XRANGE";
    argv[1] = key;
    argv[2] = from;
    argv[3] = last;
    argv[4] = "COUNT";
    argv[5] = DRSW_AUDIT_PAGE;

    do {
        if (drsw_redis_raw(redis, 6, argv, NULL, 0, &page) != DRS_OK) {
            return DRS_ERROR;
        }

        if (page->type != REDIS_REPLY_ARRAY) {
            (void) fprintf(stderr, "drs-worker: Redis: %s\n", page->str);
            freeReplyObject(page);
            return DRS_ERROR;
        }

        n = page->elements;
        rc = drsw_audit_take_page(run, page, take);

        if (n > 0) {
            (void) snprintf(from, sizeof(from), "(%s",
                            page->element[n - 1]->element[0]->str);
        }

        freeReplyObject(page);

    } while (rc == DRS_OK && n > 0);

    return rc;
}


static int
drsw_audit_verify_store(drsw_redis_t *redis, drsw_audit_run_t *run)
{
    int               rc;
    drsw_audit_mark_t cut, head, again;

    if (drsw_audit_mark(redis, "audit:head", &head) != DRS_OK
        || drsw_audit_mark(redis, "audit:cut", &cut) != DRS_OK)
    {
        return DRSW_AUDIT_FAILED;
    }

    drsw_audit_begin(run, cut.seq, cut.hash);
    run->have_head = 1;
    run->head_seq = head.seq;
    (void) strcpy(run->head_hash, head.seq > 0 ? head.hash : drs_audit_zero);

    rc = drsw_audit_walk(redis, run, "-", head.seq > 0 ? head.id : "+",
                         drsw_audit_check);

    if (rc != DRS_OK || drsw_audit_mark(redis, "audit:cut", &again) != DRS_OK) {
        return DRSW_AUDIT_FAILED;
    }

    if (again.seq != cut.seq) {
        (void) fprintf(stderr, "drs-worker: the trail was trimmed meanwhile, "
                               "please try again\n");
        return DRSW_AUDIT_FAILED;
    }

    /* behind the head: added by somebody else, unless the head moved too */

    if (head.seq > 0) {
        rc = drsw_audit_mark(redis, "audit:head", &again);

        if (rc == DRS_OK && again.seq == head.seq) {
            rc = drsw_audit_walk(redis, run, head.id, "+", drsw_audit_check);
        }
    }

    if (rc != DRS_OK) {
        return DRSW_AUDIT_FAILED;
    }

    return drsw_audit_result(run);
}


/* Who exports: the account of the operating system. */

static int
drsw_audit_note_export(drsw_redis_t *redis, const drsw_audit_run_t *run)
{
    int         rc;
    char        who[160], *text;
    json_t     *entry;
    const char *login;

    login = getlogin();

    if (login != NULL) {
        (void) snprintf(who, sizeof(who), "shell:%s", login);
    } else {
        (void) snprintf(who, sizeof(who), "shell:uid=%ld", (long) getuid());
    }

    entry = json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:[]}, s:{s:I}}",
                      "action", "audit.export", "resourceType", "audit",
                      "resourceId", "audit", "outcome", "succeeded", "actor",
                      "type", "operator", "userId", who, "roles", "after",
                      "entries", (json_int_t) run->written);
    text = (entry != NULL) ? drs_json_text(entry, NULL) : NULL;
    json_decref(entry);

    rc = (text != NULL) ? drsw_audit_append(redis, text) : DRS_ERROR;
    free(text);

    return rc;
}


static int
drsw_audit_export_to(drsw_redis_t *redis, drsw_audit_run_t *run)
{
    drsw_audit_mark_t cut, head, again;

    if (drsw_audit_mark(redis, "audit:head", &head) != DRS_OK
        || drsw_audit_mark(redis, "audit:cut", &cut) != DRS_OK)
    {
        return DRSW_AUDIT_FAILED;
    }

    (void) fprintf(run->out,
                   "{\"checkpoint\":{\"seq\":%" PRIu64
                   ",\"id\":\"%s\",\"hash\":\"%s\"}}\n",
                   cut.seq, cut.id, cut.seq > 0 ? cut.hash : drs_audit_zero);

    if (head.seq > 0
        && drsw_audit_walk(redis, run, "-", head.id, drsw_audit_write)
               != DRS_OK)
    {
        return DRSW_AUDIT_FAILED;
    }

    (void) fprintf(
        run->out,
        "{\"head\":{\"seq\":%" PRIu64 ",\"id\":\"%s\",\"hash\":\"%s\"}}\n",
        head.seq, head.id, head.seq > 0 ? head.hash : drs_audit_zero);

    if (fflush(run->out) != 0
        || drsw_audit_mark(redis, "audit:cut", &again) != DRS_OK
        || again.seq != cut.seq)
    {
        return DRSW_AUDIT_FAILED;
    }

    return DRSW_AUDIT_INTACT;
}


static int
drsw_audit_export(drsw_redis_t *redis, drsw_audit_run_t *run, const char *path)
{
    int code;

    run->out = (path != NULL) ? fopen(path, "wxe") : stdout;

    if (run->out == NULL) {
        (void) fprintf(stderr, "drs-worker: %s: %s\n", path, strerror(errno));
        return DRSW_AUDIT_FAILED;
    }

    code = drsw_audit_export_to(redis, run);

    if (path != NULL && fclose(run->out) != 0) {
        code = DRSW_AUDIT_FAILED;
    }

    if (code == DRSW_AUDIT_INTACT
        && drsw_audit_note_export(redis, run) != DRS_OK) {
        code = DRSW_AUDIT_FAILED;
    }

    (void) fprintf(stderr,
                   code == DRSW_AUDIT_INTACT
                       ? "drs-worker: %" PRIu64 " entries exported\n"
                       : "drs-worker: the export failed after %" PRIu64
                         " entries\n",
                   run->written);

    return code;
}


/* --- command line --------------------------------------------------------- */


static int
drsw_audit_connected(const drsw_config_t *conf, drsw_audit_run_t *run,
                     int export, const char                      *output)
{
    int                 code;
    drsw_log_t          log;
    drsw_redis_t       *redis;
    drsw_log_sink_t    *sink;
    drsw_redis_shared_t shared;

    memset(&shared, 0, sizeof(shared));

    code = DRSW_AUDIT_FAILED;
    sink = drsw_log_open(NULL, DRSW_LOG_WARN);
    drsw_log_init(&log, sink, "audit");
    redis = (sink != NULL) ? drsw_redis_create(conf, &log, &shared) : NULL;

    if (redis != NULL) {
        drsw_redis_patience(redis, 0);

        if (drsw_redis_connect(redis) == DRS_OK) {
            code = export ? drsw_audit_export(redis, run, output)
                          : drsw_audit_verify_store(redis, run);
        }
    }

    drsw_redis_destroy(redis);
    drsw_log_close(sink);

    return code;
}


int
drsw_audit_main(const drsw_config_t *conf, int argc, char **argv)
{
    int               opt, export, code;
    const char       *file, *output;
    drsw_audit_run_t *run;

    static const struct option options[] = {
        { "file", required_argument, NULL, 'f' },
        { "anchor", required_argument, NULL, 'a' },
        { "output", required_argument, NULL, 'o' },
        { NULL, 0, NULL, 0 }
    };

    export = (argc > 1 && strcmp(argv[1], "export") == 0);

    if (argc < 2 || (!export && strcmp(argv[1], "verify") != 0)) {
        (void) fputs(drsw_audit_usage, stderr);
        return DRSW_AUDIT_USAGE;
    }

    run = calloc(1, sizeof(*run));

    if (run == NULL) {
        return DRSW_AUDIT_FAILED;
    }

    file = output = NULL;
    optind = 0;
    argc--;
    argv++;

    while ((opt = getopt_long(argc, argv, "f:a:o:", options, NULL)) != -1) {
        if (opt == 'f' && !export) {
            file = optarg;

        } else if (opt == 'a' && !export) {
            run->anchor = drs_str(optarg);

        } else if (opt == 'o' && export) {
            output = optarg;

        } else {
            argc = 0;
            break;
        }
    }

    if (argc == 0 || optind < argc) {
        (void) fputs(drsw_audit_usage, stderr);
        code = DRSW_AUDIT_USAGE;

    } else if (file != NULL) {
        code = drsw_audit_verify_file(run, file);

    } else {
        code = drsw_audit_connected(conf, run, export, output);
    }

    free(run);

    return code;
}
