"""Quotas and one job per server."""
import pytest
from botocore.exceptions import ClientError


def refused(call, *args, **kwargs):
    with pytest.raises(ClientError) as err:
        call(*args, **kwargs)
    return err.value.response


def test_a_server_is_in_one_job_only(place, sim):
    sim.freeze()
    place.start(place.ids[:2])
    answer = refused(place.start, place.ids[1:3])
    assert answer["Error"]["Code"] == "ConflictException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert answer["resourceId"] == place.ids[1]
    place.start(place.ids[2:])


def test_hundred_servers_in_a_job(make_place):
    place = make_place(101)
    answer = refused(place.start)
    assert answer["Error"]["Code"] == "ServiceQuotaExceededException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 402
    assert answer["quotaCode"] == "L-B827C881"
    place.start(place.ids[:100])


def test_twenty_concurrent_jobs(make_place, sim):
    place = make_place(21)
    sim.freeze()
    jobs = [place.start([i]) for i in place.ids[:20]]
    answer = refused(place.start, [place.ids[20]])
    assert answer["quotaCode"] == "L-D88FAC3A"
    sim.thaw()
    place.done(jobs[0])
    place.start([place.ids[20]])


def test_five_hundred_servers_in_all_jobs(make_place, sim):
    place = make_place(501)
    sim.freeze()
    for i in range(0, 500, 100):
        place.start(place.ids[i:i + 100])
    answer = refused(place.start, place.ids[500:])
    assert answer["quotaCode"] == "L-05AFA8C6"


def test_quotas_can_be_changed_and_are_reported(place, sim):
    sim.control("POST", "quotas", {"account": "222222222222",
                                   "quotas": {"L-B827C881": 2}})
    answer = refused(place.start)
    assert answer["quotaCode"] == "L-B827C881"
    quotas = place.client("service-quotas")
    value = quotas.get_service_quota(ServiceCode="drs",
                                     QuotaCode="L-B827C881")
    assert value["Quota"]["Value"] == 2.0
    value = quotas.get_aws_default_service_quota(ServiceCode="drs",
                                                 QuotaCode="L-B827C881")
    assert value["Quota"]["Value"] == 100.0
    pages = quotas.get_paginator("list_service_quotas").paginate(
        ServiceCode="drs", PaginationConfig={"PageSize": 4})
    codes = [q["QuotaCode"] for page in pages for q in page["Quotas"]]
    assert len(codes) == len(set(codes)) == 9


def test_named_twice_is_refused(place):
    answer = refused(place.start, [place.ids[0]] * 2)
    assert answer["Error"]["Code"] == "ValidationException"


def test_unknown_server_is_not_found(place):
    answer = refused(place.start, ["s-" + "0" * 17])
    assert answer["Error"]["Code"] == "ResourceNotFoundException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404
