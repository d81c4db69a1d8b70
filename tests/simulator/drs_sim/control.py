"""The control interface under /_sim/: unsigned, for tests and demos."""
import json
import uuid

from aiohttp import web

from . import fleet
from .drs import check_capacity
from .errors import AwsError
from .faults import BadFault
from .model import iso
from .world import QUOTAS

_SERVER_FIELDS = {"replicationState", "lagDuration", "failNextLaunch",
                  "rawError", "phase", "neverFinishes", "tags", "lateStatus",
                  "instanceNotFound",
                  "account", "region", "dataReplicationError",
                  "instanceTags"}


class BadRequest(ValueError):
    """A control request that cannot be understood; names the field."""


class Control:
    def __init__(self, simulator):
        self.sim = simulator
        self.routes = {
            ("GET", "health"): self.health,
            ("POST", "fleet"): self.add_fleet,
            ("GET", "fleet"): self.get_fleet,
            ("POST", "reset"): self.reset,
            ("GET", "calls"): self.get_calls,
            ("POST", "faults"): self.add_faults,
            ("GET", "faults"): self.get_faults,
            ("DELETE", "faults"): self.delete_faults,
            ("POST", "foreign-job"): self.foreign_job,
            ("GET", "instances"): self.get_instances,
            ("GET", "jobs"): self.get_jobs,
            ("POST", "speed"): self.set_speed,
            ("POST", "freeze"): self.freeze,
            ("POST", "thaw"): self.thaw,
            ("GET", "messages"): self.get_messages,
            ("GET", "subscriptions"): self.get_subscriptions,
            ("POST", "subscriptions"): self.confirm_subscription,
            ("GET", "launch-templates"): self.get_templates,
            ("POST", "sts"): self.set_sts,
            ("POST", "quotas"): self.set_quotas,
            ("POST", "settings"): self.set_settings,
            ("POST", "region"): self.set_region,
            ("POST", "release"): self.release,
            ("POST", "launch-action"): self.launch_action,
        }

    async def handle(self, request, body):
        name = request.path[len("/_sim/"):]
        try:
            data = json.loads(body) if body else {}
            if not isinstance(data, dict):
                raise BadRequest("the body must be a JSON object")
            self.sim.world.settle()
            if request.method == "POST" and name.startswith("servers/"):
                out = self.set_server(name[len("servers/"):], data)
            else:
                route = self.routes.get((request.method, name))
                if route is None:
                    return web.json_response(
                        {"error": f"no {request.method} /_sim/{name}"},
                        status=404)
                out = route(data, request.query)
        except (BadRequest, fleet.BadFleet, BadFault, ValueError) as exc:
            return web.json_response({"error": str(exc)}, status=400)
        except AwsError as exc:
            return web.json_response(
                {"error": exc.message, "code": exc.code}, status=409)
        return web.json_response(out)

    # --- fleet ---------------------------------------------------------------

    def health(self, _data, _query):
        clock = self.sim.world.clock
        return {"status": "ok", "speed": clock.factor,
                "frozen": clock.frozen, "time": clock.wall(),
                "calls": self.sim.first_seq + len(self.sim.calls),
                "crashes": self.sim.crashes, "held": self.sim.held}

    def add_fleet(self, data, _query):
        fleet.add(self.sim.world, data)
        return fleet.describe(self.sim.world)

    def get_fleet(self, _data, _query):
        return fleet.describe(self.sim.world)

    def reset(self, _data, _query):
        for task in list(self.sim.tasks):
            if not task.done() and task.get_name() == "late":
                task.cancel()
        self.sim.release_held()
        self.sim.world.reset()
        self.sim.verifier.max_skew = self.sim.default_max_skew
        self.sim.faults.clear()
        self.sim.first_seq += len(self.sim.calls)
        self.sim.calls = []
        return fleet.describe(self.sim.world)

    def _region(self, data):
        world = self.sim.world
        number = data.get("account", world.hub.id)
        if number not in world.accounts:
            raise BadRequest(f"account: {number} is not known")
        name = data.get("region")
        region = world.accounts[number].regions.get(name)
        if region is None:
            raise BadRequest(f"region: {name} holds nothing in {number}")
        return region

    def _server(self, server_id, data):
        found = [region.servers[server_id]
                 for account in self.sim.world.accounts.values()
                 for region in account.regions.values()
                 if server_id in region.servers
                 and data.get("account", account.id) == account.id
                 and data.get("region", region.name) == region.name]
        if not found:
            raise BadRequest(f"there is no source server {server_id}")
        if len(found) > 1:
            raise BadRequest(f"{server_id} exists several times: give "
                             "account and region")
        return found[0]

    def set_server(self, server_id, data):
        for key in data:
            if key not in _SERVER_FIELDS:
                raise BadRequest(f"{key} is not known")
        server = self._server(server_id, data)
        if "replicationState" in data:
            if data["replicationState"] not in fleet.STATES:
                raise BadRequest("replicationState: "
                                 f"{data['replicationState']} is no state")
            server.state = data["replicationState"]
        server.lag = data.get("lagDuration", server.lag)
        if "dataReplicationError" in data:
            error = data["dataReplicationError"]
            server.error = {"error": error, "rawError": data.get(
                "rawError", "")} if error else None
        if "tags" in data:
            server.tags = {str(k): str(v) for k, v in data["tags"].items()}
        if "instanceTags" in data:
            fleet.add_source_instance(self.sim.world, server,
                                      data["instanceTags"])
        self._launch_knobs(server, data)
        server.touch()
        return {"sourceServerId": server.id, "replicationState":
                server.state, "lagDuration": server.lag,
                "failNextLaunch": server.fail_next,
                "neverFinishes": server.never_finishes, "tags": server.tags}

    def _launch_knobs(self, server, data):
        fail = data.get("failNextLaunch")
        if fail is not None and not fail:
            server.fail_next = None
        elif fail:
            plan = fail if isinstance(fail, dict) else {}
            plan = {"rawError": plan.get("rawError", data.get("rawError")),
                    "phase": plan.get("phase", data.get("phase", "LAUNCH")),
                    "recoverable": bool(plan.get("recoverable"))}
            if plan["phase"] not in ("SNAPSHOT", "CONVERSION", "LAUNCH"):
                raise BadRequest("phase must be SNAPSHOT, CONVERSION or "
                                 "LAUNCH")
            server.fail_next = plan
        server.late_status = data.get("lateStatus", server.late_status)
        server.instance_not_found = bool(data.get(
            "instanceNotFound", server.instance_not_found))
        if "neverFinishes" in data:
            server.never_finishes = bool(data["neverFinishes"])
            if not server.never_finishes:
                self.sim.engine.unpark(server)

    def launch_action(self, data, _query):
        """An active launch action on a server, with launching them on."""
        server = self._server(data.get("sourceServerId"), data)
        name = data.get("name", "action")
        ident = str(uuid.uuid4())
        action = {"actionId": ident, "actionCode": data.get(
            "actionCode", "AWS-RunShellScript"), "name": name,
            "type": "SSM_COMMAND", "active": True, "optional": False,
            "order": 2 + len(server.region.actions), "actionVersion": "1",
            "description": name, "category": "VALIDATION", "parameters": {}}
        server.region.actions[(server.id, ident)] = action
        server.launch["postLaunchEnabled"] = True
        return {"action": action}

    def set_region(self, data, _query):
        number = str(data.get("account", self.sim.world.hub.id))
        region = self.sim.world.account(number).region(data["region"])
        if "initialized" in data:
            region.initialized = bool(data["initialized"])
        if "optedIn" in data:
            region.opted_in = bool(data["optedIn"])
        return {"account": number, "region": region.name,
                "initialized": region.initialized,
                "optedIn": region.opted_in}

    # --- calls and faults ----------------------------------------------------

    def get_calls(self, _data, query):
        since = int(query.get("since", 0))
        start = max(0, since - self.sim.first_seq)
        calls = self.sim.calls[start:]
        for name in ("service", "operation", "account", "region"):
            if name in query:
                calls = [c for c in calls if c[name] == query[name]]
        return {"calls": calls,
                "next": self.sim.first_seq + len(self.sim.calls)}

    def add_faults(self, data, _query):
        made = self.sim.faults.add(data)
        return {"faults": [f.describe() for f in made]}

    def get_faults(self, _data, _query):
        return {"faults": [f.describe() for f in self.sim.faults.active]}

    def delete_faults(self, _data, _query):
        self.sim.faults.clear()
        return {"faults": []}

    def release(self, _data, _query):
        return {"released": self.sim.release_held()}

    # --- jobs ------------------------------------------------------------------

    def foreign_job(self, data, _query):
        """A job as somebody starts it in the AWS console."""
        region = self._region(data)
        ids = data.get("serverIds")
        if not isinstance(ids, list) or not ids:
            raise BadRequest("serverIds must be a list of source servers")
        for server_id in ids:
            if server_id not in region.servers:
                raise BadRequest(f"serverIds: {server_id} is not in "
                                 f"{region.name}")
        kind = data.get("type", "LAUNCH")
        if kind == "LAUNCH":
            check_capacity(region, ids, True)
            job = self.sim.engine.launch(
                region, dict.fromkeys(ids), bool(data.get("isDrill", True)),
                data.get("tags"), data.get("initiatedBy"))
        elif kind == "TERMINATE":
            instances = [region.servers[i].recovery_instance for i in ids]
            if None in instances:
                raise BadRequest("serverIds: a server has no recovery "
                                 "instance")
            check_capacity(region, ids, False)
            job = self.sim.engine.terminate(region, instances,
                                            data.get("initiatedBy"))
        else:
            raise BadRequest("type must be LAUNCH or TERMINATE")
        return {"job": job.document(self.sim.world.clock.now())}

    def _regions(self, query=None):
        wanted = (query or {}).get("account")
        for account in self.sim.world.accounts.values():
            if wanted and account.id != wanted:
                continue
            for region in account.regions.values():
                yield account, region

    def get_jobs(self, _data, query):
        now = self.sim.world.clock.now()
        return {"jobs": [
            {"account": a.id, "region": r.name, **j.document(now),
             "createdAt": j.created_wall, "endedAt": j.ended_wall,
             "sourceServerIds": list(j.parts), "log": j.log}
            for a, r in self._regions(query) for j in r.jobs.values()]}

    def get_instances(self, _data, query):
        return {"instances": [{
            "account": a.id, "region": r.name, "instanceId": i["id"],
            "sourceServerId": i["server"], "jobId": i["job"],
            "isDrill": i["drill"], "state": i["state"],
            "instanceType": i["type"], "subnetId": i["subnet"],
            "securityGroupIds": i["groups"], "privateIp": i["ip"],
            "instanceProfile": i["profile"], "tags": i["tags"],
            "launchTemplate": {"id": i["template"][0],
                               "version": i["template"][1]},
            "launchedAt": i["launched"]}
            for a, r in self._regions(query) for i in r.instances.values()]}

    def get_templates(self, _data, _query):
        return {"launchTemplates": [{
            "account": a.id, "region": r.name, "launchTemplateId": t.id,
            "name": t.name, "sourceServerId": s.id,
            "defaultVersion": t.default, "latestVersion": t.latest,
            "launchConfiguration": s.launch,
            "versions": [{
                "version": n, "description": v["description"],
                "createdAt": iso(v["created"]), "createdBy": v["by"],
                "data": v["data"]} for n, v in t.versions.items()]}
            for a, r in self._regions() for s in r.servers.values()
            for t in (r.templates.get(s.template_id),) if t is not None]}

    def get_messages(self, _data, _query):
        return {"messages": self.sim.world.messages}

    def _subscriptions(self):
        return [s for a in self.sim.world.accounts.values()
                for r in a.regions.values()
                for s in r.subscriptions.values()]

    def get_subscriptions(self, _data, _query):
        return {"subscriptions": self._subscriptions()}

    def confirm_subscription(self, data, _query):
        """What a person does by the link in the confirmation mail."""
        found = [s for s in self._subscriptions()
                 if s["Endpoint"] == data.get("endpoint")]
        if not found:
            raise BadRequest(f"endpoint: nobody subscribed "
                             f"{data.get('endpoint')}")
        for subscription in found:
            subscription["confirmed"] = True
        return {"confirmed": [s["SubscriptionArn"] for s in found]}

    # --- clock and settings ----------------------------------------------------

    def set_speed(self, data, _query):
        factor = data.get("factor")
        if not isinstance(factor, (int, float)) or factor <= 0:
            raise BadRequest("factor must be a number over 0")
        self.sim.world.clock.set_factor(float(factor))
        return self.health(None, None)

    def freeze(self, _data, _query):
        self.sim.world.clock.freeze()
        return self.health(None, None)

    def thaw(self, _data, _query):
        self.sim.world.clock.thaw()
        return self.health(None, None)

    def set_sts(self, data, _query):
        seconds = data.get("sessionSeconds")
        if seconds is not None and (not isinstance(seconds, (int, float))
                                    or seconds <= 0):
            raise BadRequest("sessionSeconds must be a number over 0 or null")
        self.sim.world.session_seconds = seconds
        return {"sessionSeconds": seconds}

    def set_quotas(self, data, _query):
        world = self.sim.world
        account = world.account(str(data.get("account", world.hub.id)))
        for code, value in data.get("quotas", {}).items():
            if code not in QUOTAS:
                raise BadRequest(f"quotas.{code} is not known")
            account.quotas[code] = value
        return {"account": account.id, "quotas":
                {code: account.quota(code) for code in QUOTAS}}

    def set_settings(self, data, _query):
        for key, value in data.items():
            flag = key in ("taggedJobsFail", "keepInstanceIds",
                           "jobsOldestFirst")
            if key not in ("pageSize", "maxSkewSeconds") and not flag:
                raise BadRequest(f"{key} is not known")
            if not isinstance(value, int) or (value < 1 and not flag):
                raise BadRequest(f"{key} must be a whole number over 0")
        world = self.sim.world
        world.page_size = data.get("pageSize", world.page_size)
        self.sim.verifier.max_skew = data.get("maxSkewSeconds",
                                              self.sim.verifier.max_skew)
        world.tagged_jobs_fail = bool(data.get("taggedJobsFail",
                                               world.tagged_jobs_fail))
        world.keep_instance_ids = bool(data.get("keepInstanceIds",
                                                world.keep_instance_ids))
        world.jobs_oldest_first = bool(data.get("jobsOldestFirst",
                                                world.jobs_oldest_first))
        return {"pageSize": world.page_size,
                "taggedJobsFail": world.tagged_jobs_fail,
                "keepInstanceIds": world.keep_instance_ids,
                "jobsOldestFirst": world.jobs_oldest_first,
                "maxSkewSeconds": self.sim.verifier.max_skew}
