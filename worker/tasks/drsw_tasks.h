
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Steps and handlers of this folder, registered by drsw_tasks.c.  What each
 * does is said in its own file.
 */

#ifndef DRSW_TASKS_H
#define DRSW_TASKS_H


#include "drsw.h"


int drsw_step_exec(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_poll(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_term(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_launch(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_instances(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_instances_place(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_tagsync(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_staging_all(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_staging(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_schedule(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_inventory_all(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_inventory(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_notify(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_notify_channel(drsw_ctx_t *ctx, int64_t *next_at);
int drsw_step_subs(drsw_ctx_t *ctx, int64_t *next_at);

int drsw_cmd_start(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                   drsw_answer_t *answer);
int drsw_cmd_resume(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    drsw_answer_t *answer);
int drsw_cmd_exec_delete(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                         drsw_answer_t *answer);
int drsw_cmd_plan_existing(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                           drsw_answer_t *answer);
int drsw_cmd_precheck(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer);
int drsw_cmd_failover(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer);
int drsw_cmd_instances_sync(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                            drsw_answer_t *answer);
int drsw_cmd_drs_jobs(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer);
int drsw_cmd_drs_replication(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                             drsw_answer_t *answer);
int drsw_cmd_drs_service(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                         drsw_answer_t *answer);
int drsw_cmd_drs_inventory(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                           drsw_answer_t *answer);
int drsw_cmd_drs_start(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer);
int drsw_cmd_tagsync(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                     drsw_answer_t *answer);
int drsw_cmd_poll(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer);
int drsw_cmd_wave_retry(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                        drsw_answer_t *answer);
int drsw_cmd_wave_skip(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer);
int drsw_cmd_unit_resolve(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer);
int drsw_cmd_terminate(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer);
int drsw_cmd_group_create(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer);
int drsw_cmd_group_update(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer);
int drsw_cmd_group_resolve(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                           drsw_answer_t *answer);
int drsw_cmd_launch_server(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                           drsw_answer_t *answer);
int drsw_cmd_launch_delete(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                           drsw_answer_t *answer);
int drsw_cmd_launch_bulk(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                         drsw_answer_t *answer);
int drsw_cmd_launch_ip(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer);
int drsw_cmd_pick(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                  drsw_answer_t *answer);
int drsw_cmd_import(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    drsw_answer_t *answer);
int drsw_cmd_servers_list(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer);
int drsw_cmd_account_validate(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                              drsw_answer_t *answer);
int drsw_cmd_staging_validate(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                              drsw_answer_t *answer);
int drsw_cmd_staging_discover(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                              drsw_answer_t *answer);
int drsw_cmd_staging_sync(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer);
int drsw_cmd_capacity(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                      drsw_answer_t *answer);
int drsw_cmd_quotas(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    drsw_answer_t *answer);
int drsw_cmd_schedule_put(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                          drsw_answer_t *answer);


#endif /* DRSW_TASKS_H */
