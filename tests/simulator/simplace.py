"""A fleet in one account and region, with clients, for the tests here."""
from simclient import one_region

ACCOUNT = "222222222222"
REGION = "us-east-1"


class Place:
    """An account and region with servers, and clients for it."""

    def __init__(self, sim, count, **server):
        self.sim = sim
        sim.fleet(one_region(ACCOUNT, REGION, count, **server))
        self.ids = sim.server_ids(ACCOUNT, REGION)
        self.keys = sim.assume(ACCOUNT)
        self.drs = self.client("drs")

    def client(self, service, **more):
        return self.sim.boto(service, REGION, self.keys, **more)

    def start(self, ids=None, drill=True, **more):
        """Start a recovery; the job's id."""
        return self.drs.start_recovery(
            sourceServers=[{"sourceServerID": i} for i in ids or self.ids],
            isDrill=drill, **more)["job"]["jobID"]

    def job(self, job_id):
        items = self.drs.describe_jobs(filters={"jobIDs": [job_id]})["items"]
        return items[0] if items else None

    def done(self, job_id):
        """The job once it is COMPLETED."""
        def completed():
            job = self.job(job_id)
            return job if job["status"] == "COMPLETED" else None
        return self.sim.wait(completed)

    def statuses(self, job):
        return {p["sourceServerID"]: p["launchStatus"]
                for p in job["participatingServers"]}

    def log(self, job_id):
        pages = self.drs.get_paginator("describe_job_log_items").paginate(
            jobID=job_id)
        return [item for page in pages for item in page["items"]]
