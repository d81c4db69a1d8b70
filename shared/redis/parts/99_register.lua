-- Every function takes exactly one key: the prefix without its colon.
local function reg(name, flags)
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

reg('drs_doc_put', WRITE)
reg('drs_settings_put', WRITE)
reg('drs_note', WRITE)
reg('drs_exec_create', WRITE)
reg('drs_exec_delete', RESCUE)
reg('drs_exec_commit', RESCUE)
reg('drs_exec_command', RESCUE)
reg('drs_unit_arm', WRITE)
reg('drs_unit_close', RESCUE)
reg('drs_unit_fact', RESCUE)
reg('drs_task_claim', RESCUE)
reg('drs_task_renew', RESCUE)
reg('drs_task_release', RESCUE)
reg('drs_task_due', RESCUE)
reg('drs_heartbeat', RESCUE)
reg('drs_cmd_add', WRITE)
reg('drs_cmd_withdraw', RESCUE)
reg('drs_cmd_begin', RESCUE)
reg('drs_cmd_done', RESCUE)
reg('drs_cmd_fail', RESCUE)
reg('drs_obs_put', RESCUE)
reg('drs_term_put', WRITE)
reg('drs_idem_begin', WRITE)
reg('drs_idem_end', RESCUE)
reg('drs_version', READ)
reg('drs_open', WRITE)

reg('drs_plans', READ)
reg('drs_status', READ)
reg('drs_queue', READ)
reg('drs_workers', READ)
reg('drs_dead', READ)
reg('drs_start', WRITE)
reg('drs_pause', RESCUE)
reg('drs_resume', RESCUE)
reg('drs_cancel', RESCUE)
reg('drs_terminate', WRITE)
reg('drs_requeue', WRITE)
reg('drs_drain', RESCUE)
