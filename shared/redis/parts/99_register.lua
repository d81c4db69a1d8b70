-- Every function takes exactly one key: the prefix without its colon.
local function register(name, flags)
    local f = F[name]
    redis.register_function({
        function_name = name,
        flags = flags,
        callback = function(keys, args)
            if #keys ~= 1 or keys[1] == '' then
                return redis.error_reply('BAD_CALL ' .. name
                    .. ' takes exactly one key, the prefix: FCALL ' .. name
                    .. " 1 '{drs}' ...")
            end
            P = keys[1] .. ':'
            return f(args)
        end
    })
end

local WRITE, READ, RESCUE = {}, { 'no-writes' }, { 'allow-oom' }

register('drs_doc_put', WRITE)
register('drs_settings_put', WRITE)
register('drs_note', WRITE)
register('drs_launch_put', RESCUE)
register('drs_schedule_ran', RESCUE)
register('drs_exec_create', WRITE)
register('drs_exec_delete', RESCUE)
register('drs_exec_page', READ)
register('drs_reindex', RESCUE)
register('drs_exec_commit', RESCUE)
register('drs_exec_command', RESCUE)
register('drs_unit_arm', WRITE)
register('drs_unit_close', RESCUE)
register('drs_unit_fact', RESCUE)
register('drs_hold', WRITE)
register('drs_task_claim', RESCUE)
register('drs_task_renew', RESCUE)
register('drs_task_release', RESCUE)
register('drs_task_due', RESCUE)
register('drs_heartbeat', RESCUE)
register('drs_cmd_add', WRITE)
register('drs_cmd_withdraw', RESCUE)
register('drs_cmd_begin', RESCUE)
register('drs_cmd_done', RESCUE)
register('drs_cmd_fail', RESCUE)
register('drs_obs_put', RESCUE)
register('drs_term_put', WRITE)
register('drs_idem_begin', WRITE)
register('drs_idem_end', RESCUE)
register('drs_cap_ask', WRITE)
register('drs_cap_seen', RESCUE)
register('drs_rate_take', RESCUE)
register('drs_rate_slow', RESCUE)
register('drs_audit_seal', RESCUE)
register('drs_audit_trim', RESCUE)
register('drs_audit_sample', WRITE)
register('drs_audit_find', READ)
register('drs_version', READ)
register('drs_open', WRITE)

register('drs_plans', READ)
register('drs_status', READ)
register('drs_queue', READ)
register('drs_schedules', READ)
register('drs_runs', READ)
register('drs_workers', READ)
register('drs_dead', READ)
register('drs_start', WRITE)
register('drs_capacity', READ)
register('drs_pause', RESCUE)
register('drs_resume', RESCUE)
register('drs_cancel', RESCUE)
register('drs_terminate', WRITE)
register('drs_retry', WRITE)
register('drs_skip', WRITE)
register('drs_resolve', WRITE)
register('drs_requeue', WRITE)
register('drs_drain', RESCUE)
register('drs_schedule', RESCUE)
