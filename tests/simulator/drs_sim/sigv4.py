"""Verification of Signature Version 4, written for the simulator alone."""
import calendar
import hashlib
import hmac
import re
import time
from urllib.parse import quote, unquote

from .errors import common

_AUTH = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),"
    r"\s*Signature=([0-9a-f]{64})")
_SAFE = "-._~"


class Signed:
    """What the Authorization header (or the query string) claims."""

    __slots__ = ("key_id", "date", "region", "service", "headers",
                 "signature", "stamp", "token", "presigned", "expires")


def _parts(signed, credential):
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":
        return False
    signed.key_id, signed.date, signed.region, signed.service = scope[:4]
    return True


def parse_query_string(raw):
    """[(name, value)] of a raw query string, decoded."""
    out = []
    for pair in raw.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            out.append((unquote(name.replace("+", " ")),
                        unquote(value.replace("+", " "))))
    return out


def claim(headers, query):
    """The Signed of a request, or None when it carries no signature.

    `headers` is a list of (lower-case name, value).  Raises ValueError with
    AWS's text when the signature is there but cannot be read.
    """
    signed = Signed()
    values = dict(headers)
    signed.presigned = False
    signed.expires = None
    text = values.get("authorization")
    if text is None:
        names = dict(query)
        if "X-Amz-Signature" not in names:
            return None
        signed.presigned = True
        if (names.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256"
                or not _parts(signed, names.get("X-Amz-Credential", ""))):
            raise ValueError("Credential must have exactly 5 slash-delimited "
                             "elements")
        signed.headers = names.get("X-Amz-SignedHeaders", "").split(";")
        signed.signature = names["X-Amz-Signature"]
        signed.stamp = names.get("X-Amz-Date", "")
        signed.token = names.get("X-Amz-Security-Token")
        if not names.get("X-Amz-Expires", "").isdigit():
            raise ValueError("X-Amz-Expires must be a number")
        signed.expires = int(names["X-Amz-Expires"])
        return signed
    found = _AUTH.fullmatch(text.strip())
    if not found:
        raise ValueError("Authorization header requires 'Credential', "
                         "'SignedHeaders' and 'Signature' parameters.")
    if not _parts(signed, found.group(1)):
        raise ValueError("Credential must have exactly 5 slash-delimited "
                         "elements, e.g. keyid/date/region/service/term, got "
                         f"'{found.group(1)}'")
    signed.headers = found.group(2).split(";")
    signed.signature = found.group(3)
    signed.stamp = values.get("x-amz-date", "")
    signed.token = values.get("x-amz-security-token")
    if not signed.stamp:
        raise ValueError("Authorization header requires existence of either "
                         "a 'X-Amz-Date' or a 'Date' header.")
    return signed


def _canonical_path(raw_path):
    segments = []
    for segment in raw_path.split("/"):
        if segment == "..":
            if segments:
                segments.pop()
        elif segment not in ("", "."):
            segments.append(quote(segment, safe=_SAFE))
    path = "/" + "/".join(segments)
    if raw_path.endswith("/") and segments:
        path += "/"
    return path


def _canonical_query(query, presigned):
    pairs = [(quote(n, safe=_SAFE), quote(v, safe=_SAFE)) for n, v in query
             if not (presigned and n == "X-Amz-Signature")]
    return "&".join(f"{n}={v}" for n, v in sorted(pairs))


def canonical_request(method, raw_path, query, headers, signed_names, body,
                      presigned=False):
    """The canonical request's text; raises KeyError for a missing header."""
    values = {}
    for name, value in headers:
        values.setdefault(name, []).append(" ".join(value.split()))
    lines = [f"{name}:{','.join(values[name])}\n" for name in signed_names]
    return "\n".join((method, _canonical_path(raw_path),
                      _canonical_query(query, presigned), "".join(lines),
                      ";".join(signed_names),
                      hashlib.sha256(body).hexdigest()))


class Verifier:
    def __init__(self, max_skew=300):
        self.max_skew = max_skew
        self._keys = {}

    def _signing_key(self, secret, signed):
        ident = (secret, signed.date, signed.region, signed.service)
        key = self._keys.get(ident)
        if key is None:
            if len(self._keys) > 5000:
                self._keys.clear()
            key = ("AWS4" + secret).encode()
            for part in (signed.date, signed.region, signed.service,
                         "aws4_request"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            self._keys[ident] = key
        return key

    def check_time(self, signed, protocol, now):
        """Refuse a stamp that is malformed, too old or in the future."""
        try:
            stamp = calendar.timegm(time.strptime(signed.stamp,
                                                  "%Y%m%dT%H%M%SZ"))
        except ValueError:
            raise common("incomplete", protocol,
                         f"Date must be in ISO-8601 'basic format'. Got "
                         f"'{signed.stamp}'.") from None
        if signed.date != signed.stamp[:8]:
            raise common("mismatch", protocol,
                         "Date in Credential scope does not match YYYYMMDD "
                         f"from ISO-8601 version of date: '{signed.date}' "
                         f"!= '{signed.stamp[:8]}'")
        limit = self.max_skew if signed.expires is None else signed.expires
        text = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        if now - stamp > limit:
            raise common("skew", protocol, f"Signature expired: "
                         f"{signed.stamp} is now earlier than {text} "
                         f"({limit} s.)")
        if stamp - now > self.max_skew:
            raise common("skew", protocol, "Signature not yet current: "
                         f"{signed.stamp} is still later than {text} "
                         f"({self.max_skew} s.)")

    def verify(self, signed, secret, protocol, method, raw_path, query,
               headers, body):
        """Refuse a signature that is not the one of this request."""
        names = signed.headers
        present = {name for name, _ in headers}
        must = {"host"}
        if not signed.presigned:
            must |= {n for n in present if n.startswith("x-amz-")
                     and n != "x-amzn-trace-id"}
        lacking = sorted(must - set(names))
        if lacking:
            raise common("mismatch", protocol,
                         "'Host' or 'x-amz-' headers must be signed: "
                         + ", ".join(lacking))
        if names != sorted(set(names)) or set(names) - present:
            raise common("mismatch", protocol)
        hashed = dict(headers).get("x-amz-content-sha256")
        if (hashed is not None and hashed != "UNSIGNED-PAYLOAD"
                and hashed != hashlib.sha256(body).hexdigest()):
            raise common("mismatch", protocol)
        creq = canonical_request(method, raw_path, query, headers, names,
                                 body, signed.presigned)
        scope = (f"{signed.date}/{signed.region}/{signed.service}"
                 "/aws4_request")
        text = "\n".join(("AWS4-HMAC-SHA256", signed.stamp, scope,
                          hashlib.sha256(creq.encode()).hexdigest()))
        expect = hmac.new(self._signing_key(secret, signed), text.encode(),
                          hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expect, signed.signature):
            raise common("mismatch", protocol)
