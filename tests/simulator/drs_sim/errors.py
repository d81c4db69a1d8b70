"""Errors in the form in which each AWS protocol spells them."""


class AwsError(Exception):
    """An error answer of a service; `members` go into a JSON body."""

    def __init__(self, code, message, status=400, retry_after=None,
                 **members):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.members = members


_DENIED = "User is not authorized to perform this operation"
_TOKEN = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you "
    "provided. Check your AWS Secret Access Key and signing method. Consult "
    "the service documentation for details.")
_EC2_CREDS = ("AWS was not able to validate the provided access credentials")

# kind -> protocol family -> (code, status, message)
_COMMON = {
    "missing_token": {
        "rest-json": ("MissingAuthenticationTokenException", 403,
                      "Missing Authentication Token"),
        "json": ("MissingAuthenticationTokenException", 400,
                 "Missing Authentication Token"),
        "query": ("MissingAuthenticationToken", 403,
                  "Request is missing Authentication Token"),
        "ec2": ("AuthFailure", 401, _EC2_CREDS)},
    "incomplete": {
        "rest-json": ("IncompleteSignatureException", 403, ""),
        "json": ("IncompleteSignatureException", 400, ""),
        "query": ("IncompleteSignature", 403, ""),
        "ec2": ("AuthFailure", 401, "")},
    "unknown_key": {
        "rest-json": ("UnrecognizedClientException", 403, _TOKEN),
        "json": ("UnrecognizedClientException", 400, _TOKEN),
        "query": ("InvalidClientTokenId", 403, _TOKEN),
        "ec2": ("AuthFailure", 401, _EC2_CREDS)},
    "mismatch": {
        "rest-json": ("InvalidSignatureException", 403, _MISMATCH),
        "json": ("InvalidSignatureException", 400, _MISMATCH),
        "query": ("SignatureDoesNotMatch", 403, _MISMATCH),
        "ec2": ("AuthFailure", 401, _EC2_CREDS)},
    "skew": {
        "rest-json": ("InvalidSignatureException", 403, ""),
        "json": ("InvalidSignatureException", 400, ""),
        "query": ("SignatureDoesNotMatch", 403, ""),
        "ec2": ("RequestExpired", 400, "")},
    "expired": {
        "rest-json": ("ExpiredTokenException", 403, _EXPIRED),
        "json": ("ExpiredTokenException", 400, _EXPIRED),
        "query": ("ExpiredToken", 403, _EXPIRED),
        "ec2": ("RequestExpired", 400, "Request has expired.")},
    "denied": {
        "rest-json": ("AccessDeniedException", 403, _DENIED),
        "json": ("AccessDeniedException", 400, _DENIED),
        "query": ("AccessDenied", 403, _DENIED),
        "ec2": ("UnauthorizedOperation", 403,
                "You are not authorized to perform this operation.")},
    "throttle": {
        "rest-json": ("ThrottlingException", 429, "Rate exceeded"),
        "json": ("ThrottlingException", 400, "Rate exceeded"),
        "query": ("Throttling", 400, "Rate exceeded"),
        "ec2": ("RequestLimitExceeded", 503, "Request limit exceeded.")},
    "internal": {
        "rest-json": ("InternalServerException", 500,
                      "An internal error has occurred."),
        "json": ("InternalServerError", 500,
                 "An internal error has occurred."),
        "query": ("InternalFailure", 500,
                  "An internal error has occurred."),
        "ec2": ("InternalError", 500, "An internal error has occurred")},
    "unavailable": {
        "rest-json": ("ServiceUnavailableException", 503,
                      "Service is unable to handle request."),
        "json": ("ServiceUnavailableException", 503,
                 "Service is unable to handle request."),
        "query": ("ServiceUnavailable", 503,
                  "Service is unable to handle request."),
        "ec2": ("Unavailable", 503,
                "The service is unavailable. Please try again shortly.")},
    "unknown_operation": {
        "rest-json": ("UnknownOperationException", 404, ""),
        "json": ("UnknownOperationException", 404, ""),
        "query": ("InvalidAction", 400, ""),
        "ec2": ("InvalidAction", 400, "")},
    "validation": {
        "rest-json": ("ValidationException", 400, ""),
        "json": ("ValidationException", 400, ""),
        "query": ("ValidationError", 400, ""),
        "ec2": ("InvalidParameterValue", 400, "")},
    "malformed": {
        "rest-json": ("SerializationException", 400, ""),
        "json": ("SerializationException", 400, ""),
        "query": ("MalformedQueryString", 400, ""),
        "ec2": ("MalformedQueryString", 400, "")},
}


def common(kind, protocol, message=None, **members):
    """The error that every operation of this protocol may answer."""
    code, status, text = _COMMON[kind][protocol]
    retry = 1 if kind == "throttle" and protocol == "rest-json" else None
    return AwsError(code, message or text, status, retry, **members)


def not_found(kind, ident):
    return AwsError("ResourceNotFoundException", f"{kind} {ident} not found",
                    404, resourceId=ident, resourceType=kind)


def conflict(message, kind, ident):
    return AwsError("ConflictException", message, 409, resourceId=ident,
                    resourceType=kind)


def validation(message, field=None):
    members = {"reason": "fieldValidationFailed" if field else "other"}
    if field:
        members["fieldList"] = [{"name": field, "message": message}]
    return AwsError("ValidationException", message, 400, **members)
