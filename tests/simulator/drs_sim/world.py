"""The simulated world: accounts, regions and what lives in them."""
import hashlib
import heapq
import itertools
import secrets

from .clock import SimClock
from . import catalog

HUB_ACCOUNT = "111111111111"
DEFAULT_ROLE = "DRSOrchestrationRole"

QUOTAS = {
    "L-D88FAC3A": ("Concurrent jobs in progress", 20, False),
    "L-B827C881": ("Max number of source servers in a single Job", 100,
                   False),
    "L-05AFA8C6": ("Max source servers in all Jobs", 500, False),
    "L-DD6D028C": ("Max concurrent Jobs per source server", 1, False),
    "L-C1D14A2B": ("Max concurrent replicating source servers", 300, False),
    "L-E28BE5E0": ("Max total source servers per AWS account", 4000, True),
    "L-0588D03B": ("Max number of launch actions per resource", 200, False),
    "L-1F3FAE4D": ("Max number of launch configuration templates per AWS "
                   "account", 1, False),
    "L-4B0323BD": ("Max number of source networks per AWS account", 100,
                   True),
}


class Role:
    def __init__(self, account, spec):
        self.account = account
        self.name = spec.get("roleName", DEFAULT_ROLE)
        self.external_id = spec.get("externalId")
        self.trusted = spec.get("trusted")      # None: the hub account
        self.deny = list(spec.get("deny", ()))
        self.source_identity = bool(spec.get("sourceIdentity", True))
        self.max_session = spec.get("maxSessionSeconds", 3600)
        self.web_identity = bool(spec.get("webIdentity", False))
        self.unique = "AROA" + ident("role", account, self.name)[:17].upper()

    def trusts(self, key, hub):
        """Whether the caller may assume this role: by account or by ARN."""
        names = [hub] if self.trusted is None else self.trusted
        arn = None
        if key.role is not None:
            arn = f"arn:aws:iam::{key.account.id}:role/{key.role.name}"
        return key.account.id in names or arn in names or key.arn in names


class Key:
    """A key pair: of a user (no token) or of an assumed role."""

    def __init__(self, account, key_id, secret, arn, user_id, token=None,
                 expires=None, role=None):
        self.account = account
        self.key_id = key_id
        self.secret = secret
        self.arn = arn
        self.user_id = user_id
        self.token = token
        self.expires = expires
        self.role = role


def ident(*parts):
    """A hex id that depends on the parts alone: the same fleet gives the
    same ids."""
    text = "/".join(str(p) for p in parts)
    return hashlib.sha1(text.encode()).hexdigest()


class Region:
    """One account's view of one region."""

    def __init__(self, account, name):
        self.account = account
        self.name = name
        self.partition = catalog.partition(name)
        self.opted_in = name not in catalog.OPT_IN_REGIONS
        self.initialized = False
        self.counter = itertools.count(1)
        self.servers = {}
        self.jobs = {}
        self.busy = {}              # source server -> its active job
        self.recovery_instances = {}
        self.instances = {}
        self.vpcs = {}
        self.subnets = {}
        self.groups = {}
        self.templates = {}
        self.key_pairs = {}
        self.topics = {}
        self.subscriptions = {}
        self.commands = {}
        self.automations = {}
        self.replication_templates = {}
        self.launch_templates = {}  # launch *configuration* templates
        self.actions = {}           # (resource, action id) -> action
        self.extra_tags = {}        # EC2 resource id -> tags
        self.tokens = {}            # EC2 client tokens -> result
        self.addresses = {}         # (subnet, address) -> instance

    def arn(self, service, resource):
        return (f"arn:{self.partition}:{service}:{self.name}:"
                f"{self.account.id}:{resource}")

    def active_jobs(self):
        return [j for j in self.jobs.values() if j.status != "COMPLETED"]


class Account:
    def __init__(self, number, hub=False):
        self.id = number
        self.hub = hub
        self.name = f"account-{number}"
        self.roles = {}
        self.regions = {}
        self.staging = []
        self.quotas = {}
        self.profiles = {}
        for name in ("AppServerProfile", "DatabaseProfile",
                     "AWSElasticDisasterRecoveryRecoveryInstanceRole"):
            self.add_profile(name)

    def add_profile(self, name):
        self.profiles[name] = {
            "InstanceProfileName": name, "Path": "/",
            "InstanceProfileId":
                "AIPA" + ident("profile", self.id, name)[:17].upper(),
            "Arn": f"arn:aws:iam::{self.id}:instance-profile/{name}",
            "CreateDate": 1700000000,
            "Roles": [{
                "RoleName": name, "Path": "/",
                "RoleId": "AROA" + ident("r", self.id, name)[:17].upper(),
                "Arn": f"arn:aws:iam::{self.id}:role/{name}",
                "CreateDate": 1700000000}]}

    def region(self, name):
        region = self.regions.get(name)
        if region is None:
            region = self.regions[name] = Region(self, name)
        return region

    def quota(self, code):
        return self.quotas.get(code, QUOTAS[code][1])


class World:
    def __init__(self, speed=1.0, page_size=25):
        self.clock = SimClock(speed)
        self.page_size = page_size
        self.session_seconds = None
        self.tagged_jobs_fail = False
        self.keep_instance_ids = False
        self.jobs_oldest_first = False
        self.default_page_size = page_size
        self.reset()

    def reset(self):
        """Forget everything but the hub account and the clock's speed."""
        self.salt = secrets.token_hex(8)
        self.accounts = {}
        self.keys = {}
        self.heap = []
        self.order = itertools.count()
        self.messages = []
        self.session_seconds = None
        self.tagged_jobs_fail = False
        self.keep_instance_ids = False
        self.jobs_oldest_first = False
        self.page_size = self.default_page_size
        self.clock.thaw()
        self.hub = self.account(HUB_ACCOUNT, hub=True)
        self.hub.region("us-east-1").topics["drs-orchestrator"] = {}
        self.hub_key = self._user_key(self.hub)

    def account(self, number, hub=None):
        account = self.accounts.get(number)
        if account is None:
            account = self.accounts[number] = Account(number)
            account.roles[DEFAULT_ROLE] = Role(number, {})
        if hub:
            account.hub = True
        return account

    def _user_key(self, account):
        tag = ident("key", account.id).upper()
        key = Key(account, "AKIA" + tag[:16], ident("secret", account.id),
                  f"arn:aws:iam::{account.id}:user/drs-worker",
                  "AIDA" + tag[16:33])
        self.keys[key.key_id] = key
        return key

    def user_key(self, account):
        """The static key pair of an account's user, made when first asked."""
        for key in self.keys.values():
            if key.account is account and key.token is None:
                return key
        return self._user_key(account)

    def set_hub(self, number):
        self.hub.hub = False
        self.hub = self.account(number, hub=True)
        self.hub_key = self.user_key(self.hub)

    def session_key(self, account, role, session, seconds, wall):
        """Keys of an assumed role that expire at wall + seconds."""
        key = Key(account, "ASIA" + secrets.token_hex(8).upper(),
                  secrets.token_hex(20),
                  f"arn:aws:sts::{account.id}:assumed-role/{role.name}/"
                  f"{session}", f"{role.unique}:{session}",
                  "FwoGZXIvYXdzE" + secrets.token_urlsafe(120),
                  wall + seconds, role)
        self.keys[key.key_id] = key
        return key

    def fresh(self, prefix, length=17):
        """A new id that no earlier run or reset has given out."""
        number = next(self.order)
        return prefix + ident(self.salt, prefix, number)[:length]

    def schedule(self, at, action, *args):
        heapq.heappush(self.heap, (at, next(self.order), action, args))

    def settle(self):
        """Let everything happen that is due by now."""
        now = self.clock.now()
        while self.heap and self.heap[0][0] <= now:
            at, _, action, args = heapq.heappop(self.heap)
            action(at, *args)
