"""Jobs: what DRS does after it accepted a call, in simulated time.

Every step of a job is an event on the world's heap; World.settle() runs
what is due whenever somebody looks, so no timer exists per server.  The
durations are those of the real service, in seconds.
"""
import ipaddress

from .model import iso
from .world import ident

ACTIVE = ("PENDING", "STARTED")
NO_RECOVERY_POINT = ("STOPPED", "INITIATING")
STALE_POINT = ("STALLED", "DISCONNECTED", "PAUSED")
ATTEMPTS = 3
ACTION_SECONDS = 60


class Participant:
    __slots__ = ("server_id", "status", "instance_id", "done", "parked",
                 "target", "mask_until", "actions", "actions_at")

    def __init__(self, server_id, status="PENDING", instance_id=None):
        self.server_id = server_id
        self.status = status
        self.instance_id = instance_id
        self.done = False
        self.parked = False
        self.target = None
        self.mask_until = None      # reported IN_PROGRESS until then
        self.actions = ()           # launch actions that run after launch
        self.actions_at = None      # simulated time of their start


class Job:
    def __init__(self, world, region, kind, initiated_by, tags):
        self.id = world.fresh("drsjob-")
        self.seq = next(world.order)
        self.world = world
        self.region = region
        self.type = kind
        self.initiated_by = initiated_by
        self.created = world.clock.now()
        self.created_wall = world.clock.wall()
        self.ended_wall = None
        self.status = "PENDING"
        self.parts = {}
        self.left = 0
        self.tags = dict(tags or {})
        self.log = []
        self.is_drill = False
        self.snapshots = {}
        self.arn = region.arn("drs", f"job/{self.id}")

    def add(self, part):
        self.parts[part.server_id] = part
        self.left += 1

    def document(self, now):
        """The Job shape; ids and lists vanish at the end as in real DRS."""
        out = {"jobID": self.id, "arn": self.arn, "type": self.type,
               "initiatedBy": self.initiated_by, "status": self.status,
               "creationDateTime": iso(self.created_wall, 6),
               "tags": self.tags}
        if self.ended_wall is not None:
            out["endDateTime"] = iso(self.ended_wall, 6)
        over = self.status == "COMPLETED"
        parts = []
        if not (over and self.type == "TERMINATE"):
            for part in self.parts.values():
                status = part.status
                if part.mask_until is not None and now < part.mask_until:
                    status = "IN_PROGRESS"
                item = {"sourceServerID": part.server_id,
                        "launchStatus": status}
                if part.instance_id and (
                        not over or self.world.keep_instance_ids):
                    item["recoveryInstanceID"] = part.instance_id
                if part.actions:
                    item["launchActionsStatus"] = self._actions(part, now)
                parts.append(item)
        out["participatingServers"] = parts
        return out


    def _actions(self, part, now):
        """Launch actions run for a minute; "fail..." ones fail."""
        over = now - part.actions_at >= ACTION_SECONDS
        runs = []
        for action in part.actions:
            run = {"action": action, "runId": _uuid(
                self.id, part.server_id, action["actionId"]),
                "status": "IN_PROGRESS"}
            if over and action["name"].lower().startswith("fail"):
                run["status"] = "FAILED"
                run["failureReason"] = "The document ended with an error"
            elif over:
                run["status"] = "SUCCEEDED"
            runs.append(run)
        return {"ssmAgentDiscoveryDatetime": iso(self.created_wall, 6),
                "runs": runs}


def _uuid(*parts):
    text = ident(*parts)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20],
                     text[20:32]))


def _spread(job, name, low, high):
    """A duration between low and high that is the same for the same job."""
    number = int(ident(job.id, name)[:8], 16)
    return low + (high - low) * (number % 1000) / 1000.0


class Engine:
    """Plans and runs the events of jobs."""

    def __init__(self, world):
        self.world = world

    def _log(self, job, at, event, server_id=None, **data):
        item = {"logDateTime": iso(self.world.clock.wall_of(at), 6),
                "event": event, "eventData": {}}
        if server_id:
            item["eventData"]["sourceServerID"] = server_id
        item["eventData"].update(data)
        job.log.append(item)

    def _later(self, job, at, action, *args):
        self.world.schedule(at, action, job, *args)

    def _new(self, region, kind, initiated_by, tags):
        job = Job(self.world, region, kind, initiated_by, tags)
        region.jobs[job.id] = job
        return job

    # --- launch ----------------------------------------------------------

    def launch(self, region, wanted, is_drill, tags, initiated_by=None):
        """Start a LAUNCH job; `wanted` maps server id -> snapshot or None."""
        who = initiated_by or ("START_DRILL" if is_drill
                               else "START_RECOVERY")
        job = self._new(region, "LAUNCH", who, tags)
        job.is_drill = is_drill
        job.snapshots = wanted
        for server_id in wanted:
            server = region.servers[server_id]
            job.add(Participant(server_id))
            region.busy[server_id] = job
            server.last_result = "PENDING"
            server.last_launch = {
                "initiated": {
                    "apiCallDateTime": iso(job.created_wall, 6),
                    "jobID": job.id,
                    "type": "DRILL" if is_drill else "RECOVERY"},
                "status": "PENDING"}
            server.touch()
        self._staging(job)
        self._later(job, job.created + _spread(job, "start", 5, 20),
                    self._launch_start)
        return job

    def _staging(self, job):
        """Conversion jobs in the staging accounts of extended servers."""
        groups = {}
        for server_id in job.parts:
            server = job.region.servers[server_id]
            if server.staging_arn:
                groups.setdefault(server.staging_account, []).append(server)
        for account_id, servers in groups.items():
            account = self.world.accounts.get(account_id)
            if account is None:
                continue
            region = account.region(job.region.name)
            full = (len(region.active_jobs())
                    >= account.quota("L-D88FAC3A"))
            ids = []
            for server in servers:
                name = server.staging_arn.rsplit("/", 1)[1]
                if full or name not in region.servers or (
                        name in region.busy):
                    server.fail_next = {
                        "phase": "CONVERSION", "rawError": "The staging "
                        f"account {account_id} cannot convert a snapshot "
                        f"of {name}"}
                else:
                    ids.append(name)
            if not ids:
                continue
            sub = self._new(region, "CREATE_CONVERTED_SNAPSHOT",
                            "TARGET_ACCOUNT", None)
            for server_id in ids:
                sub.add(Participant(server_id))
                region.busy[server_id] = sub
            self._later(sub, sub.created + 10, self._convert_start)

    def _convert_start(self, at, job):
        job.status = "STARTED"
        self._log(job, at, "JOB_START")
        for server_id in job.parts:
            self._log(job, at, "SNAPSHOT_START", server_id)
            self._log(job, at, "CONVERSION_START", server_id,
                      **self._conversion(job, server_id))
        self._later(job, at + _spread(job, "convert", 110, 170),
                    self._convert_end)

    def _convert_end(self, at, job):
        for server_id, part in list(job.parts.items()):
            self._log(job, at, "CONVERSION_END", server_id,
                      **self._conversion(job, server_id))
            self._done(at, job, part, "LAUNCHED")

    def _launch_start(self, at, job):
        job.status = "STARTED"
        self._log(job, at, "JOB_START")
        for server_id in job.parts:
            server = job.region.servers.get(server_id)
            if server is None or server.state in NO_RECOVERY_POINT or (
                    server.state == "INITIAL_SYNC" and not server.first_byte):
                self._log(job, at, "SERVER_SKIPPED", server_id,
                          rawError="No recovery point is available")
                self._failed(at, job, server_id)
            elif server.recovery_instance:
                self._log(job, at, "CLEANUP_START", server_id)
                self._later(job, at + _spread(job, server_id + "c", 20, 40),
                            self._cleanup_end, server_id)
            else:
                self._snapshot(at, job, server_id)

    def _cleanup_end(self, at, job, server_id):
        server = job.region.servers[server_id]
        old = server.recovery_instance
        if old:
            self._terminated(at, job.region, old)
        self._log(job, at, "CLEANUP_END", server_id)
        self._snapshot(at, job, server_id)

    def _plan_failure(self, server, phase):
        plan = server.fail_next
        if plan is None or plan.get("phase", "LAUNCH") != phase:
            return None
        server.fail_next = None
        return plan.get("rawError") or "The launch failed"

    def _snapshot(self, at, job, server_id):
        server = job.region.servers[server_id]
        if job.snapshots.get(server_id):
            self._convert(at, job, server_id)
            return
        self._log(job, at, "SNAPSHOT_START", server_id)
        end = at + _spread(job, server_id + "s", 40, 80)
        if server.state in STALE_POINT:
            self._later(job, at + 15, self._previous_snapshot, server_id)
        else:
            self._later(job, end, self._snapshot_end, server_id)

    def _previous_snapshot(self, at, job, server_id):
        self._log(job, at, "USING_PREVIOUS_SNAPSHOT", server_id)
        self._convert(at, job, server_id)

    def _snapshot_end(self, at, job, server_id):
        server = job.region.servers[server_id]
        error = self._plan_failure(server, "SNAPSHOT")
        if error:
            self._log(job, at, "SNAPSHOT_FAIL", server_id, rawError=error)
            self._failed(at, job, server_id)
            return
        self._log(job, at, "SNAPSHOT_END", server_id)
        self._convert(at, job, server_id)

    def _conversion(self, job, server_id):
        return {"conversionServerID":
                "i-" + ident(job.id, "conversion", server_id)[:17]}

    def _convert(self, at, job, server_id, attempt=1):
        if job.tags and self.world.tagged_jobs_fail:
            self._failed(at, job, server_id)    # no conversion, no instance
            return
        self._log(job, at, "CONVERSION_START", server_id,
                  attemptCount=attempt, maxAttemptsCount=ATTEMPTS,
                  **self._conversion(job, server_id))
        self._later(job, at + _spread(job, server_id + "v", 90, 150),
                    self._convert_done, server_id, attempt)

    def _convert_done(self, at, job, server_id, attempt):
        server = job.region.servers[server_id]
        again = (server.fail_next or {}).get("recoverable")
        error = self._plan_failure(server, "CONVERSION")
        where = self._conversion(job, server_id)
        if error:
            self._log(job, at, "CONVERSION_FAIL", server_id, rawError=error,
                      attemptCount=attempt if again else ATTEMPTS,
                      maxAttemptsCount=ATTEMPTS, **where)
            if again:
                self._convert(at + 5, job, server_id, attempt + 1)
            else:
                self._failed(at, job, server_id)
            return
        self._log(job, at, "CONVERSION_END", server_id, **where)
        part = job.parts[server_id]
        error = self._plan_failure(server, "LAUNCH")
        if not error:
            error = self._create_instance(at, job, server, part)
        if error:
            self._log(job, at, "LAUNCH_START", server_id)
            self._log(job, at, "LAUNCH_FAILED", server_id,
                      rawError=error)
            self._failed(at, job, server_id)
            return
        part.status = "IN_PROGRESS"
        server.last_launch["status"] = "IN_PROGRESS"
        server.touch()
        self._log(job, at, "LAUNCH_START", server_id,
                  targetInstanceID=part.target)
        self._later(job, at + _spread(job, server_id + "l", 20, 50),
                    self._launched, server_id)

    def _launched(self, at, job, server_id):
        part = job.parts[server_id]
        server = job.region.servers[server_id]
        if server.never_finishes:
            part.parked = True
            return
        instance = job.region.instances[part.target]
        if server.launch.get("launchDisposition") == "STOPPED":
            self._state(instance, "stopped")
        else:
            self._state(instance, "running")
        part.instance_id = part.target
        server.recovery_instance = part.target
        wall = self.world.clock.wall_of(at)
        job.region.recovery_instances[part.target] = {
            "id": part.target, "job": job.id, "server": server_id,
            "seq": next(job.region.counter), "drill": job.is_drill,
            "tags": dict(server.tags), "failback": "FAILBACK_NOT_STARTED",
            "replication": "NOT_STARTED", "created": wall,
            "point": wall - 200, "disconnected": False, "failback_config": {}}
        if server.launch.get("postLaunchEnabled"):
            part.actions = [a for (r, _), a in job.region.actions.items()
                            if r == server_id and a["active"]]
            part.actions_at = at
        self._done(at, job, part, "LAUNCHED")

    def unpark(self, server):
        """Go on with a launch that `neverFinishes` had stopped."""
        job = server.region.busy.get(server.id)
        part = job.parts.get(server.id) if job else None
        if part is not None and part.parked:
            part.parked = False
            self._later(job, self.world.clock.now(), self._launched,
                        server.id)

    def _failed(self, at, job, server_id):
        self._done(at, job, job.parts[server_id], "FAILED")

    def _done(self, at, job, part, status):
        part.status = status
        part.done = True
        server = job.region.servers.get(part.server_id)
        if job.type == "LAUNCH" and server is not None:
            server.last_result = ("SUCCEEDED" if status == "LAUNCHED"
                                  else "FAILED")
            if server.last_launch:
                server.last_launch["status"] = status
            server.touch()
        job.left -= 1
        if job.left == 0:
            self._later(job, at + _spread(job, "end", 30, 90), self._finish)

    def _finish(self, at, job):
        job.status = "COMPLETED"
        job.ended_wall = self.world.clock.wall_of(at)
        self._log(job, at, "JOB_END")
        for server_id, part in job.parts.items():
            if job.region.busy.get(server_id) is job:
                del job.region.busy[server_id]
            server = job.region.servers.get(server_id)
            if server is not None and server.late_status:
                part.mask_until = at + server.late_status

    # --- EC2 instances ---------------------------------------------------

    def _state(self, instance, name):
        instance["state"] = name

    def _address(self, region, subnet, wanted):
        """(address, error) for a new interface in a subnet."""
        def taken(text):
            name = region.addresses.get((subnet["SubnetId"], text))
            return (name is not None
                    and region.instances[name]["state"] != "terminated")

        net = ipaddress.ip_network(subnet["CidrBlock"])
        if wanted:
            if ipaddress.ip_address(wanted) not in net:
                return None, ("InvalidParameterValue: Address "
                              f"{wanted} does not fall within the subnet's "
                              "address range")
            if taken(wanted):
                return None, f"InvalidIPAddress.InUse: Address {wanted} " \
                             "is in use."
            return wanted, None
        base = int(net.network_address)
        number = subnet.get("_next", 4)
        while number < net.num_addresses - 1:
            text = str(ipaddress.ip_address(base + number))
            number += 1
            if not taken(text):
                subnet["_next"] = number
                return text, None
        subnet["_next"] = 4
        return None, "InsufficientFreeAddressesInSubnet"

    def _network(self, region, server, data):
        nics = data.get("NetworkInterfaces") or [{}]
        nic = next((n for n in nics if n.get("DeviceIndex", 0) == 0),
                   nics[0])
        subnet_id = nic.get("SubnetId") or next(iter(region.subnets))
        subnet = region.subnets.get(subnet_id)
        if subnet is None:
            return None, f"InvalidSubnetID.NotFound: The subnet ID " \
                         f"'{subnet_id}' does not exist"
        groups = nic.get("Groups") or data.get("SecurityGroupIds") or [
            next(iter(region.groups))]
        for group in groups:
            if group not in region.groups:
                return None, f"InvalidGroup.NotFound: The security group " \
                             f"'{group}' does not exist"
        wanted = nic.get("PrivateIpAddress")
        if server.launch.get("copyPrivateIp"):
            wanted = server.properties["networkInterfaces"][0]["ips"][0]
        address, error = self._address(region, subnet, wanted)
        if error:
            return None, error
        return (subnet, groups, address), None

    def _profile(self, region, data):
        profile = data.get("IamInstanceProfile") or {}
        name = profile.get("Name") or profile.get("Arn", "").rsplit("/")[-1]
        if name and name not in region.account.profiles:
            return None, "InvalidParameterValue: Value (" + name + \
                ") for parameter iamInstanceProfile.name is invalid. " \
                "Invalid IAM Instance Profile name"
        return name, None

    def _create_instance(self, at, job, server, part):
        """Make the EC2 instance; the answer is an error text or None."""
        region = job.region
        template = region.templates.get(server.template_id)
        if template is None:
            return "InvalidLaunchTemplateId.NotFound"
        data = template.versions[template.default]["data"]
        network, error = self._network(region, server, data)
        if error:
            return error
        profile, error = self._profile(region, data)
        if error:
            return error
        kind = data.get("InstanceType")
        if server.launch.get("targetInstanceTypeRightSizingMethod") != "NONE":
            kind = server.properties["recommendedInstanceType"]
        part.target = "i-" + ident(job.id, "target", server.id)[:17]
        subnet, groups, address = network
        tags = {}
        if server.launch.get("copyTags"):
            tags.update(server.tags)
        for spec in data.get("TagSpecifications") or ():
            if spec.get("ResourceType") == "instance":
                tags.update({t["Key"]: t["Value"] for t in spec["Tags"]})
        tags["AWSElasticDisasterRecoverySourceServerID"] = server.id
        region.addresses[(subnet["SubnetId"], address)] = part.target
        region.instances[part.target] = {
            "id": part.target, "seq": next(region.counter), "job": job.id,
            "server": server.id, "drill": job.is_drill, "type": kind,
            "subnet": subnet["SubnetId"], "vpc": subnet["VpcId"],
            "az": subnet["AvailabilityZone"], "groups": list(groups),
            "ip": address, "profile": profile, "tags": tags,
            "state": "pending", "image": "ami-" + ident(server.id)[:17],
            "launched": self.world.clock.wall_of(at), "reason": None,
            "template": [template.id, template.default]}
        return None

    def _terminated(self, at, region, instance_id):
        """An instance and its recovery record are gone."""
        instance = region.instances.get(instance_id)
        if instance is not None:
            instance["state"] = "terminated"
            instance["reason"] = "Client.UserInitiatedShutdown"
        record = region.recovery_instances.pop(instance_id, None)
        server = region.servers.get(record["server"]) if record else None
        if server is not None and server.recovery_instance == instance_id:
            server.recovery_instance = None
            server.touch()

    # --- terminate -------------------------------------------------------

    def terminate(self, region, ids, initiated_by=None):
        """Start a TERMINATE job for recovery instances."""
        job = self._new(region, "TERMINATE", initiated_by
                        or "TERMINATE_RECOVERY_INSTANCES", None)
        for instance_id in ids:
            record = region.recovery_instances[instance_id]
            job.add(Participant(record["server"], "PENDING", instance_id))
            region.busy[record["server"]] = job
        self._later(job, job.created + _spread(job, "start", 3, 12),
                    self._terminate_start)
        return job

    def _terminate_start(self, at, job):
        job.status = "STARTED"
        self._log(job, at, "JOB_START")
        for server_id, part in job.parts.items():
            instance = job.region.instances.get(part.instance_id)
            if instance is not None and instance["state"] != "terminated":
                instance["state"] = "shutting-down"
            part.status = "IN_PROGRESS"
            self._log(job, at, "CLEANUP_START", server_id)
            self._later(job, at + _spread(job, server_id + "t", 20, 60),
                        self._terminate_end, server_id)

    def _terminate_end(self, at, job, server_id):
        part = job.parts[server_id]
        self._log(job, at, "CLEANUP_END", server_id)
        self._terminated(at, job.region, part.instance_id)
        self._done(at, job, part, "TERMINATED")
