
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Registers the tasks and commands of this folder.
 */

#include "drsw_tasks.h"


static const drsw_task_kind_t drsw_task_kinds[] = {
    { "exec:", drsw_step_exec, 0, 0 },
    { "poll:", drsw_step_poll, 0, 0 },
    { "term:", drsw_step_term, 0, 0 },
    { "launch:", drsw_step_launch, 1, 0 },
    { "instances", drsw_step_instances, 1, 1 },
    { "instances:", drsw_step_instances_place, 1, 0 },
    { "tagsync", drsw_step_tagsync, 1, 1 },
    { "staging", drsw_step_staging_all, 1, 1 },
    { "staging:", drsw_step_staging, 1, 0 },
    { "schedule:", drsw_step_schedule, 0, 0 },
    { "inventory", drsw_step_inventory_all, 1, 1 },
    { "inventory:", drsw_step_inventory, 1, 0 },
    { "notify", drsw_step_notify, 1, 1 },
    { "notify:", drsw_step_notify_channel, 1, 0 },
    { "subs", drsw_step_subs, 1, 1 }
};

static const drsw_command_kind_t drsw_command_kinds[] = {
    { "exec.start", drsw_cmd_start, 0 },
    { "exec.resume", drsw_cmd_resume, 0 },
    { "exec.poll", drsw_cmd_poll, 0 },
    { "exec.delete", drsw_cmd_exec_delete, 0 },
    { "plan.existing", drsw_cmd_plan_existing, 0 },
    { "plan.precheck", drsw_cmd_precheck, 0 },
    { "drs.failover", drsw_cmd_failover, 0 },
    { "drs.jobs", drsw_cmd_drs_jobs, 0 },
    { "drs.replication", drsw_cmd_drs_replication, 0 },
    { "drs.service", drsw_cmd_drs_service, 0 },
    { "drs.inventory", drsw_cmd_drs_inventory, 0 },
    { "drs.start", drsw_cmd_drs_start, 0 },
    { "instances.sync", drsw_cmd_instances_sync, 0 },
    { "tagsync.run", drsw_cmd_tagsync, 0 },
    { "exec.terminate", drsw_cmd_terminate, 0 },
    { "wave.retry", drsw_cmd_wave_retry, 0 },
    { "wave.skip", drsw_cmd_wave_skip, 0 },
    { "unit.resolve", drsw_cmd_unit_resolve, 0 },
    { "group.create", drsw_cmd_group_create, 0 },
    { "group.update", drsw_cmd_group_update, 0 },
    { "group.resolve", drsw_cmd_group_resolve, 0 },
    { "launch.server", drsw_cmd_launch_server, 0 },
    { "launch.delete", drsw_cmd_launch_delete, 0 },
    { "launch.bulk", drsw_cmd_launch_bulk, 0 },
    { "launch.ip", drsw_cmd_launch_ip, 0 },
    { "ec2.pick", drsw_cmd_pick, 0 },
    { "config.import", drsw_cmd_import, 0 },
    { "servers.list", drsw_cmd_servers_list, 0 },
    { "account.validate", drsw_cmd_account_validate, 0 },
    { "staging.validate", drsw_cmd_staging_validate, 0 },
    { "staging.discover", drsw_cmd_staging_discover, 0 },
    { "staging.sync", drsw_cmd_staging_sync, 0 },
    { "capacity.get", drsw_cmd_capacity, 0 },
    { "capacity.quotas", drsw_cmd_quotas, 0 },
    { "schedule.put", drsw_cmd_schedule_put, 0 }
};


int
drsw_tasks_register(drsw_registry_t *reg)
{
    size_t i, n;

    n = sizeof(drsw_task_kinds) / sizeof(drsw_task_kinds[0]);

    for (i = 0; i < n; i++) {
        if (drsw_register_task(reg, &drsw_task_kinds[i]) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    n = sizeof(drsw_command_kinds) / sizeof(drsw_command_kinds[0]);

    for (i = 0; i < n; i++) {
        if (drsw_register_command(reg, &drsw_command_kinds[i]) != DRS_OK) {
            return DRS_ERROR;
        }
    }

    return DRS_OK;
}
