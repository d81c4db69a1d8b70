"""Constant facts: regions, instance types, operating systems."""

OPT_IN_REGIONS = frozenset((
    "af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1",
    "me-central-1", "me-south-1", "mx-central-1"))

REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1",
    "sa-east-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
    "eu-north-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
) + tuple(sorted(OPT_IN_REGIONS)) + (
    "us-gov-east-1", "us-gov-west-1", "eusc-de-east-1")

_VCPUS = {"medium": 2, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16,
          "8xlarge": 32, "12xlarge": 48, "16xlarge": 64, "24xlarge": 96}
_GIB = {"t3": 4, "m5": 4, "m6i": 4, "c5": 2, "c6i": 2, "c7i-flex": 2,
        "r5": 8, "r6i": 8}
_SMALL = ("medium", "large", "xlarge", "2xlarge")


def _types():
    out = {}
    for family, ratio in _GIB.items():
        sizes = _SMALL if family == "t3" else tuple(_VCPUS)[1:]
        for size in sizes:
            cpus = _VCPUS[size]
            memory = cpus * ratio * 1024 // (1 if family != "t3" else 2)
            out[f"{family}.{size}"] = (cpus, memory)
    out["t3.micro"] = (2, 1024)
    out["t3.small"] = (2, 2048)
    out["m5.metal"] = (96, 393216)
    out["u-6tb1.metal"] = (448, 6291456)
    return out


INSTANCE_TYPES = _types()

RECOMMENDED = ("m5.large", "c5.xlarge", "r5.large", "m5.xlarge", "t3.medium",
               "m6i.2xlarge", "r6i.xlarge", "c6i.large")

SYSTEMS = (
    "Linux version 5.14.0-362.8.1.el9_3.x86_64 Red Hat Enterprise Linux 9.3 "
    "(Plow)",
    "Microsoft Windows Server 2019 Datacenter 10.0.17763 N/A Build 17763",
    "Linux version 5.15.0-91-generic Ubuntu 22.04.3 LTS",
    "Microsoft Windows Server 2022 Standard 10.0.20348 N/A Build 20348",
    "Linux version 4.18.0-513.9.1.el8_9.x86_64 Red Hat Enterprise Linux 8.9 "
    "(Ootpa)")

CPU_MODELS = ("Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
              "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz",
              "AMD EPYC 7R13 Processor")


def partition(region):
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("eusc-"):
        return "aws-eusc"
    return "aws"
