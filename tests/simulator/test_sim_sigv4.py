"""Signatures: what is accepted and how each refusal is spelled."""
import datetime
import hashlib
import json
import random
import time
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from drs_sim.errors import AwsError
from drs_sim.sigv4 import (Verifier, canonical_request, claim,
                           parse_query_string)

FORM = "application/x-www-form-urlencoded; charset=utf-8"
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"


def signed(sim, body=b"{}", path="/DescribeJobs", service="drs",
           region="us-east-1", keys=None, shift=0, **headers):
    """A signed AWSRequest; `shift` seconds from now."""
    request = AWSRequest("POST", sim.url + path, data=body, headers={
        "Content-Type": "application/json", **headers})
    auth = SigV4Auth(Credentials(*(keys or sim.hub_keys())), service, region)
    if not shift:
        auth.add_auth(request)
        return request
    when = datetime.datetime.utcnow() + datetime.timedelta(seconds=shift)
    request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    canonical = auth.canonical_request(request)
    text = auth.string_to_sign(request, canonical)
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return request


def send(sim, request, **changed):
    """Send a request as it is, or with other headers or another body."""
    headers = {**dict(request.headers), **changed.get("headers", {})}
    return sim.http.request(request.method, changed.get("url", request.url),
                            data=changed.get("body", request.data),
                            headers=headers, timeout=30)


def code(answer):
    return answer.headers.get("x-amzn-ErrorType"), answer.status_code


def hub_fleet(sim):
    sim.fleet({"accounts": [{"accountId": "111111111111", "regions": [
        {"region": "us-east-1", "servers": [{"count": 1}]}]}]})


def test_good_signature_is_accepted(sim):
    hub_fleet(sim)
    assert send(sim, signed(sim)).status_code == 200
    headers = {"X-Amz-Content-Sha256": hashlib.sha256(b"{}").hexdigest()}
    assert send(sim, signed(sim, **headers)).status_code == 200


def test_without_signature(sim):
    answer = sim.http.post(sim.url + "/DescribeJobs", data=b"{}")
    assert code(answer) == ("MissingAuthenticationTokenException", 403)


def test_unreadable_signature(sim):
    request = signed(sim)
    answer = send(sim, request, headers={
        "Authorization": "AWS4-HMAC-SHA256 Credential=x"})
    assert code(answer) == ("IncompleteSignatureException", 403)


def test_unknown_key(sim):
    answer = send(sim, signed(sim, keys=("AKIAUNKNOWN", "secret")))
    assert code(answer) == ("UnrecognizedClientException", 403)


def test_wrong_secret(sim):
    answer = send(sim, signed(sim, keys=(sim.hub_keys()[0], "secret")))
    assert code(answer) == ("InvalidSignatureException", 403)


def test_changed_body(sim):
    answer = send(sim, signed(sim), body=b'{"maxResults":1}')
    assert code(answer) == ("InvalidSignatureException", 403)


def test_changed_path(sim):
    answer = send(sim, signed(sim), url=sim.url + "/DescribeSourceServers")
    assert code(answer) == ("InvalidSignatureException", 403)


def test_amz_header_that_is_not_signed(sim):
    answer = send(sim, signed(sim), headers={"X-Amz-Meta": "1"})
    assert code(answer) == ("InvalidSignatureException", 403)


@pytest.mark.parametrize("shift,text", [
    (-400, "Signature expired"), (400, "Signature not yet current")])
def test_clock_skew(sim, shift, text):
    answer = send(sim, signed(sim, shift=shift))
    assert code(answer) == ("InvalidSignatureException", 403)
    assert text in answer.json()["message"]
    assert "Date" in answer.headers


def test_small_clock_skew_is_accepted(sim):
    hub_fleet(sim)
    assert send(sim, signed(sim, shift=-200)).status_code == 200
    sim.control("POST", "settings", {"maxSkewSeconds": 100})
    assert send(sim, signed(sim, shift=-200)).status_code == 403


def test_wrong_region_and_service(sim):
    answer = send(sim, signed(sim, region="moon-north-1"))
    assert code(answer) == ("InvalidSignatureException", 403)
    answer = send(sim, signed(sim, service="s3"))
    assert code(answer) == ("InvalidSignatureException", 403)


def test_session_token_must_fit_the_key(sim):
    sim.fleet({"accounts": [{"accountId": "222222222222"}]})
    keys = sim.assume("222222222222")
    answer = send(sim, signed(sim, keys=(keys[0], keys[1], keys[2] + "x")))
    assert code(answer) == ("UnrecognizedClientException", 403)
    answer = send(sim, signed(sim, keys=keys[:2]))
    assert code(answer) == ("UnrecognizedClientException", 403)


@pytest.mark.parametrize("service,name,status", [
    ("sts", "SignatureDoesNotMatch", 403), ("iam", "SignatureDoesNotMatch",
                                            403),
    ("sns", "SignatureDoesNotMatch", 403), ("ec2", "AuthFailure", 401)])
def test_query_services_answer_xml(sim, service, name, status):
    request = signed(sim, IDENTITY.encode(), "/", service,
                     keys=(sim.hub_keys()[0], "wrong"),
                     **{"Content-Type": FORM})
    answer = send(sim, request)
    assert answer.status_code == status
    assert f"<Code>{name}</Code>" in answer.text


def test_json_service_names_the_error_in_the_body(sim):
    request = signed(sim, b"{}", "/", "ssm", **{
        "X-Amz-Target": "AmazonSSM.DescribeInstanceInformation",
        "Content-Type": "application/x-amz-json-1.1"})
    answer = send(sim, request, body=b'{"MaxResults":5}')
    assert answer.json()["__type"] == "InvalidSignatureException"
    assert answer.status_code == 400


def test_presigned_url(sim):
    request = AWSRequest("GET", f"{sim.url}/?{IDENTITY}")
    SigV4QueryAuth(Credentials(*sim.hub_keys()), "sts", "us-east-1",
                   expires=60).add_auth(request)
    answer = sim.http.get(request.url)
    assert answer.status_code == 200 and "111111111111" in answer.text
    assert sim.http.get(request.url + "0").status_code == 403


# --- the verifier alone, with botocore's signer as the other side ------------

class Rare(SigV4Auth):
    """botocore's signer at a fixed time."""

    def sign_at(self, request, stamp):
        request.context["timestamp"] = stamp
        request.headers["X-Amz-Date"] = stamp
        if self.credentials.token:
            request.headers["X-Amz-Security-Token"] = self.credentials.token
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request,
                                          self.signature(text, request))


def random_request(rng):
    names = ["a", "B", "tag keys", "é", "x-y", "q~", "p%"]
    path = rng.choice(["/", "/DescribeJobs", "/tags/" + quote(
        "arn:aws:drs:us-east-1:1:source-server/s-1", safe=""),
        "/a b/ü"])
    query = "&".join(f"{quote(rng.choice(names), safe='-._~')}="
                     f"{quote(rng.choice(names), safe='-._~')}"
                     for _ in range(rng.randrange(4)))
    if path.startswith("/a "):
        path = quote(path)
    body = bytes(rng.randrange(256) for _ in range(rng.randrange(60)))
    url = "http://127.0.0.1:8080" + path + ("?" + query if query else "")
    return AWSRequest(rng.choice(["GET", "POST", "DELETE"]), url, data=body,
                      headers={"Content-Type": " text/x   y "})


@pytest.mark.parametrize("seed", range(150))
def test_random_requests_signed_by_botocore(seed):
    rng = random.Random(seed)
    request = random_request(rng)
    token = "tok/en+=" if seed % 2 else None
    stamp = "20240501T120000Z"
    Rare(Credentials("AKIDEXAMPLE", "secret/+key", token), "drs",
         "eu-west-1").sign_at(request, stamp)
    headers = [(n.lower(), v) for n, v in request.headers.items()]
    headers.append(("host", "127.0.0.1:8080"))
    raw = request.url.split(":8080", 1)[1]
    path, _, query = raw.partition("?")
    query = parse_query_string(query)
    found = claim(headers, query)
    assert (found.key_id, found.region, found.token) == (
        "AKIDEXAMPLE", "eu-west-1", token)
    verifier = Verifier()
    now = 1714564800
    verifier.check_time(found, "rest-json", now)
    args = (request.method, path, query, headers)
    body = request.body or b""
    verifier.verify(found, "secret/+key", "rest-json", *args, body)
    with pytest.raises(AwsError):
        verifier.verify(found, "secret/+key", "rest-json", *args,
                        body + b"x")


def test_the_published_example_of_a_canonical_request():
    """The worked example of AWS's signing documentation (IAM ListUsers)."""
    headers = [("host", "iam.amazonaws.com"),
               ("content-type",
                "application/x-www-form-urlencoded; charset=utf-8"),
               ("x-amz-date", "20150830T123600Z")]
    text = canonical_request(
        "GET", "/", [("Action", "ListUsers"), ("Version", "2010-05-08")],
        headers, ["content-type", "host", "x-amz-date"], b"")
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59")


def test_answers_carry_a_request_id(sim):
    hub_fleet(sim)
    answer = send(sim, signed(sim))
    entry = sim.calls()[-1]
    assert answer.headers["x-amzn-RequestId"] == entry["requestId"]
    assert json.loads(answer.text) == {"items": []}
    assert abs(entry["time"] - time.time()) < 60
