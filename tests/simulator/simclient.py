"""Start, stop and steer the AWS simulator from tests.

    with Simulator.start(speed=600) as sim:
        fleet = sim.fleet(one_region("222222222222", "us-east-1", 3))
        drs = sim.boto("drs", "us-east-1", sim.assume("222222222222"))

Ready-made for tests/system too: add this folder to sys.path.
"""
import json
import os
import selectors
import subprocess
import sys
import time

import requests

HERE = os.path.dirname(os.path.abspath(__file__))
HUB = "111111111111"
ROLE = "DRSOrchestrationRole"


class SimulatorError(Exception):
    """The simulator did not start, or it refused a control call."""


def one_region(account, region, count, **server):
    """The body of a fleet with `count` servers in one account and region."""
    return {"accounts": [{"accountId": account, "regions": [
        {"region": region, "servers": [{"count": count, **server}]}]}]}


def _ready_line(process, deadline):
    """The first line of the process's output, before the deadline."""
    selector = selectors.DefaultSelector()
    selector.register(process.stdout, selectors.EVENT_READ)
    while time.monotonic() < deadline:
        if selector.select(0.5):
            return process.stdout.readline()
        if process.poll() is not None:
            break
    return b""


class Simulator:
    """A running simulator process."""

    def __init__(self, process, ready):
        self.process = process
        self.ready = ready
        self.port = ready["port"]
        self.pid = ready["pid"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = requests.Session()
        self.http.trust_env = False

    @classmethod
    def start(cls, port=0, speed=None, page_size=None, tls_dir=None,
              max_skew=None, fleet=None, check_outputs=False, stderr=None,
              timeout=30):
        """Start a simulator and wait until it accepts connections."""
        command = ["/usr/bin/python3", "-m", "drs_sim", "--port", str(port)]
        for name, value in (("--speed", speed), ("--page-size", page_size),
                            ("--max-skew", max_skew), ("--fleet", fleet)):
            if value is not None:
                command += [name, str(value)]
        if tls_dir is not None:
            command += ["--tls-port", "0", "--tls-dir", str(tls_dir)]
        if check_outputs:
            command.append("--check-outputs")
        env = dict(os.environ, PYTHONPATH=HERE)
        process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                   stderr=stderr, env=env)
        line = _ready_line(process, time.monotonic() + timeout)
        try:
            return cls(process, json.loads(line))
        except ValueError:
            process.kill()
            process.wait()
            raise SimulatorError("the simulator did not start") from None

    def stop(self, timeout=15):
        """Stop it cleanly; the exit status."""
        self.http.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stop()

    # --- control -------------------------------------------------------------

    def control(self, method, path, body=None, **query):
        """One control call; the answer's JSON, SimulatorError if refused."""
        answer = self.http.request(
            method, f"{self.url}/_sim/{path}", params=query,
            data=None if body is None else json.dumps(body), timeout=30)
        if answer.status_code != 200:
            raise SimulatorError(f"{path}: {answer.status_code} "
                                 f"{answer.text}")
        return answer.json()

    def fleet(self, body=None):
        if body is None:
            return self.control("GET", "fleet")
        return self.control("POST", "fleet", body)

    def server_ids(self, account, region):
        """The ids of an account's source servers in a region."""
        for entry in self.fleet()["accounts"]:
            for place in entry["regions"]:
                if (entry["accountId"], place["region"]) == (account, region):
                    return [s["sourceServerId"] for s in place["servers"]]
        return []

    def reset(self):
        return self.control("POST", "reset")

    def calls(self, since=0, **where):
        """Entries of the call log; `where` filters by service, operation,
        account and region."""
        return self.control("GET", "calls", since=since, **where)["calls"]

    def effects(self, operation, since=0):
        """The calls of an operation that took effect."""
        return [c for c in self.calls(since, operation=operation)
                if c["applied"]]

    def fault(self, kind, service="*", operation="*", **more):
        return self.control("POST", "faults", {"faults": [
            {"kind": kind, "service": service, "operation": operation,
             **more}]})

    def release(self):
        """Let the calls go on that a fault of kind `hold` keeps."""
        return self.control("POST", "release")["released"]

    def held(self):
        """How many calls wait for a release."""
        return self.control("GET", "health")["held"]

    def clear_faults(self):
        return self.control("DELETE", "faults")

    def server(self, server_id, **fields):
        return self.control("POST", f"servers/{server_id}", fields)

    def foreign_job(self, account, region, server_ids, **more):
        return self.control("POST", "foreign-job", {
            "account": account, "region": region, "serverIds": server_ids,
            **more})["job"]

    def jobs(self):
        return self.control("GET", "jobs")["jobs"]

    def instances(self):
        return self.control("GET", "instances")["instances"]

    def messages(self):
        return self.control("GET", "messages")["messages"]

    def launch_templates(self):
        return self.control("GET", "launch-templates")["launchTemplates"]

    def speed(self, factor):
        return self.control("POST", "speed", {"factor": factor})

    def freeze(self):
        return self.control("POST", "freeze")

    def thaw(self):
        return self.control("POST", "thaw")

    def wait(self, condition, timeout=30, step=0.05):
        """Call `condition` until it is true; its value."""
        deadline = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise SimulatorError("the condition did not come true in "
                                     f"{timeout} s")
            time.sleep(step)

    # --- clients -------------------------------------------------------------

    def hub_keys(self):
        """(key id, secret) of the hub account's user."""
        hub = self.fleet()["hub"]
        return hub["accessKeyId"], hub["secretAccessKey"]

    def boto(self, service, region="us-east-1", keys=None, url=None,
             attempts=1, **config):
        """A botocore client; `keys` are (id, secret[, token])."""
        from botocore.config import Config
        import botocore.session
        keys = tuple(keys or self.hub_keys()) + (None,)
        session = botocore.session.Session()
        return session.create_client(
            service, region_name=region, endpoint_url=url or self.url,
            aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
            aws_session_token=keys[2], config=Config(
                retries={"total_max_attempts": attempts},
                proxies={}, **config))

    def assume(self, account, role=ROLE, region="us-east-1", **more):
        """Keys of a role in an account, assumed by the hub's user."""
        answer = self.boto("sts", region).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}",
            RoleSessionName="test", **more)
        creds = answer["Credentials"]
        return (creds["AccessKeyId"], creds["SecretAccessKey"],
                creds["SessionToken"])

    def cli(self, *words, region="us-east-1", keys=None, timeout=60):
        """Run Debian's aws against the simulator; the finished process."""
        keys = tuple(keys or self.hub_keys())
        env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
               "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
               "AWS_CONFIG_FILE": os.devnull, "AWS_MAX_ATTEMPTS": "1",
               "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
               "AWS_ACCESS_KEY_ID": keys[0],
               "AWS_SECRET_ACCESS_KEY": keys[1]}
        if len(keys) > 2:
            env["AWS_SESSION_TOKEN"] = keys[2]
        return subprocess.run(
            ["/usr/bin/aws", *words, "--endpoint-url", self.url, "--region",
             region, "--output", "json"], env=env, capture_output=True,
            text=True, timeout=timeout, check=False)


if __name__ == "__main__":
    sys.exit("a module for tests: see README.md")
