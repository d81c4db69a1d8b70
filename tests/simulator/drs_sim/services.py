"""The services that the simulator knows, and their dispatch."""
from . import catalog, drs, ec2, iam, model, sns, ssm, sts

# signing name -> (botocore's name, implementation)
_KNOWN = {
    "drs": ("drs", drs), "ec2": ("ec2", ec2), "sts": ("sts", sts),
    "ssm": ("ssm", ssm), "sns": ("sns", sns), "iam": ("iam", iam),
    "servicequotas": ("service-quotas", ssm.Quotas),
    "organizations": ("organizations", ssm.Organizations),
}
GLOBAL = frozenset(("iam", "organizations"))
_models = {}


def by_signing_name(name):
    service = _models.get(name)
    if service is None and name in _KNOWN:
        service = _models[name] = model.load(_KNOWN[name][0], name)
        service.name = name
    return service


def load_all():
    for name in _KNOWN:
        by_signing_name(name)


def by_version(version):
    """The query service that an unsigned form means, STS if unknown."""
    for name in ("ec2", "sns", "iam"):
        if by_signing_name(name).version == version:
            return by_signing_name(name)
    return by_signing_name("sts")


def by_target(target):
    for name in ("ssm", "servicequotas", "organizations"):
        service = by_signing_name(name)
        if target.partition(".")[0] == service.target:
            return service
    return by_signing_name("drs")


def known_region(name):
    return name in catalog.REGIONS


def implemented(service, operation):
    return operation in _KNOWN[service.signing_name][1].OPERATIONS


def call(ctx):
    return _KNOWN[ctx.service.signing_name][1].call(ctx)
