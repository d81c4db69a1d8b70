"""Pagination: small pages, stable tokens."""
import pytest
from botocore.exceptions import ClientError


def collect(client, operation, member="items", **params):
    pages = list(client.get_paginator(operation).paginate(**params))
    return [i for p in pages for i in p[member]], len(pages)


def test_source_servers_come_in_small_pages(make_place):
    place = make_place(25)
    items, pages = collect(place.drs, "describe_source_servers")
    assert [i["sourceServerID"] for i in items] == place.ids
    assert pages == 3
    items, pages = collect(place.drs, "describe_source_servers",
                           PaginationConfig={"PageSize": 4})
    assert (len(items), pages) == (25, 7)


def test_jobs_are_newest_first_over_pages(make_place, sim):
    place = make_place(15)
    sim.freeze()
    jobs = [place.start([i]) for i in place.ids]
    items, pages = collect(place.drs, "describe_jobs")
    assert [i["jobID"] for i in items] == jobs[::-1]
    assert pages == 2


def test_a_new_job_does_not_shift_the_next_page(make_place, sim):
    place = make_place(15)
    sim.freeze()
    jobs = [place.start([i]) for i in place.ids[:12]]
    first = place.drs.describe_jobs()
    place.start([place.ids[12]])
    rest = place.drs.describe_jobs(nextToken=first["nextToken"])
    found = [j["jobID"] for j in first["items"] + rest["items"]]
    assert found == jobs[::-1]


@pytest.mark.parametrize("token", ["x", "////", "WyJBIl0=", "e30="])
def test_a_made_up_token_is_refused(place, token):
    with pytest.raises(ClientError) as err:
        place.drs.describe_source_servers(nextToken=token)
    assert err.value.response["Error"]["Code"] == "ValidationException"


def test_a_token_of_another_filter_is_refused(make_place):
    place = make_place(12)
    token = place.drs.describe_source_servers()["nextToken"]
    with pytest.raises(ClientError):
        place.drs.describe_source_servers(
            nextToken=token, filters={"sourceServerIDs": place.ids})


def test_dates_filter_jobs(place, sim):
    job_id = place.start()
    created = place.job(job_id)["creationDateTime"]
    earlier = "2020-01-01T00:00:00Z"
    later = "2099-01-01T00:00:00Z"
    def found(**filters):
        return [j["jobID"] for j in place.drs.describe_jobs(
            filters=filters)["items"]]
    assert found(fromDate=earlier) == [job_id]
    assert found(fromDate=created) == [job_id]
    assert found(fromDate=later) == []
    assert found(toDate=earlier) == []
    assert found(fromDate=earlier, toDate=later) == [job_id]


def test_ec2_and_iam_page_too(make_place, sim):
    place = make_place(12)
    place.done(place.start())
    items, pages = collect(place.client("ec2"), "describe_instances",
                           "Reservations")
    assert (len(items), pages) == (12, 2)
    items, pages = collect(place.client("iam"), "list_instance_profiles",
                           "InstanceProfiles",
                           PaginationConfig={"PageSize": 2})
    assert (len(items), pages) == (3, 2)
    items, _ = collect(place.client("ec2"), "describe_instance_types",
                       "InstanceTypes")
    assert len(items) > 20
