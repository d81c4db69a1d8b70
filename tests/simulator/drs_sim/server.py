"""The HTTP side: one port for all services and the control interface."""
import asyncio
import fnmatch
import json
import logging
import socket
import struct
import traceback
import uuid

from aiohttp import http_exceptions, web

from . import model, services
from .control import Control
from .drs_base import Fragment
from .errors import AwsError, common
from .faults import Call, Faults
from .jobs import Engine
from .sigv4 import Verifier, claim, parse_query_string
from .world import World

MAX_BODY = 16 << 20


class Context:
    """One call, as an operation sees it."""

    __slots__ = ("world", "engine", "service", "op", "operation", "params",
                 "key", "region", "wall", "now", "hide_after", "result_id")


class Request:
    """What was read of an HTTP request, and what became of it."""

    __slots__ = ("method", "path", "query", "headers", "body", "form",
                 "service", "operation", "op", "labels", "signed", "problem",
                 "params", "key", "region", "target")


class Answer:
    __slots__ = ("status", "headers", "body", "error", "applied",
                 "result_id")

    def __init__(self, status, headers, body, error=None, applied=False,
                 result_id=None):
        self.status = status
        self.headers = headers
        self.body = body
        self.error = error
        self.applied = applied
        self.result_id = result_id


def dump(value):
    """JSON text in which a Fragment stands as it is."""
    if not any(isinstance(i, Fragment) for i in value.get("items", ())):
        return json.dumps(value, separators=(",", ":"))
    rest = {k: v for k, v in value.items() if k != "items"}
    text = '{"items":[' + ",".join(value["items"]) + "]"
    if rest:
        text += "," + json.dumps(rest, separators=(",", ":"))[1:]
    else:
        text += "}"
    return text


class Simulator:
    def __init__(self, speed=1.0, page_size=25, max_skew=300,
                 check_outputs=False):
        self.world = World(speed, page_size)
        self.engine = Engine(self.world)
        self.faults = Faults()
        self.verifier = Verifier(max_skew)
        self.default_max_skew = max_skew
        self.check_outputs = check_outputs
        self.crashes = 0
        self.held = 0               # calls that wait for a release
        self.release = asyncio.Event()
        self.calls = []
        self.first_seq = 0
        self.control = Control(self)
        self.tasks = set()

    # --- reading a request -------------------------------------------------

    def read(self, method, raw, headers, body):
        req = Request()
        req.method, req.headers, req.body = method, headers, body
        path, _, query = raw.partition("?")
        req.path = path
        req.query = parse_query_string(query)
        req.op = req.operation = req.signed = req.problem = None
        req.key = req.target = None
        req.params, req.labels, req.form = {}, {}, []
        req.region = "unknown"
        try:
            req.signed = claim(headers, req.query)
        except ValueError as exc:
            req.problem = ("incomplete", str(exc))
        values = dict(headers)
        if "urlencoded" in values.get("content-type", ""):
            req.form = parse_query_string(body.decode("utf-8", "replace"))
        elif method == "GET" and "Action" in dict(req.query):
            req.form = [(n, v) for n, v in req.query
                        if not n.startswith("X-Amz-")]
        self._service(req, values)
        self._operation(req, values)
        return req

    def _service(self, req, values):
        """By the credential scope; an unsigned request by its form."""
        if req.signed is not None:
            req.region = req.signed.region
            req.service = services.by_signing_name(req.signed.service)
            if req.service is None:
                req.service = services.by_signing_name("drs")
                req.problem = ("mismatch", "Credential should be scoped to "
                               f"correct service: '{req.signed.service}'.")
        elif req.form:
            req.service = services.by_version(dict(req.form).get("Version"))
        else:
            req.service = services.by_target(values.get("x-amz-target", ""))

    def _operation(self, req, values):
        service = req.service
        if service.protocol == "rest-json":
            req.op, req.labels = service.rest_operation(req.method, req.path)
            req.operation = req.op.name if req.op else req.path[1:]
        elif service.protocol == "json":
            target = values.get("x-amz-target", "")
            prefix, _, name = target.partition(".")
            req.operation = name or target
            if prefix == service.target:
                req.op = service.operation(name)
        else:
            req.operation = dict(req.form).get("Action", "")
            req.op = service.operation(req.operation)

    # --- authentication ----------------------------------------------------

    def authenticate(self, req):
        """Set req.key, or raise; STS's web identity call is unsigned."""
        protocol = req.service.protocol
        if req.problem is not None:
            raise common(req.problem[0], protocol, req.problem[1])
        if req.signed is None:
            if (req.service.name == "sts"
                    and req.operation == "AssumeRoleWithWebIdentity"):
                return
            raise common("missing_token", protocol)
        key = self.world.keys.get(req.signed.key_id)
        if key is None or key.token != req.signed.token:
            raise common("unknown_key", protocol)
        wall = self.world.clock.wall()
        self.verifier.check_time(req.signed, protocol, wall)
        self.verifier.verify(req.signed, key.secret, protocol, req.method,
                             req.path, req.query, req.headers, req.body)
        req.key = key
        if key.expires is not None and wall >= key.expires:
            raise common("expired", protocol)
        if req.service.name not in services.GLOBAL:
            if not services.known_region(req.region):
                raise common("mismatch", protocol, "Credential should be "
                             "scoped to a valid region.")
            if not key.account.region(req.region).opted_in:
                raise common("unknown_key", protocol)
        self._permit(req)

    def _permit(self, req):
        role = req.key.role
        action = f"{req.service.name}:{req.operation}"
        if role is None or not any(fnmatch.fnmatchcase(action, pattern)
                                   for pattern in role.deny):
            return
        raise common("denied", req.service.protocol,
                     f"User: {req.key.arn} is not authorized to perform: "
                     f"{action} because no identity-based policy allows the "
                     f"{action} action")

    # --- parsing -----------------------------------------------------------

    def parse(self, req):
        """Fill req.params from the request."""
        service, op = req.service, req.op
        if op is None or not services.implemented(service, op.name):
            raise common("unknown_operation", service.protocol, "The action "
                         f"or operation {req.operation} is not known to "
                         f"{service.name}")
        if service.protocol in ("query", "ec2"):
            version = dict(req.form).get("Version")
            if version != service.version:
                raise AwsError("InvalidAction", f"Could not find operation "
                               f"{op.name} for version {version}", 400)
            req.params = model.parse_query(service, op, req.form)
        else:
            req.params = self._json_params(req)
        return req.params

    def _json_params(self, req):
        params = {}
        if req.body:
            try:
                params = json.loads(req.body)
            except ValueError:
                raise common("malformed", req.service.protocol,
                             "The body is not JSON") from None
            if not isinstance(params, dict):
                raise common("malformed", req.service.protocol,
                             "The body is not a JSON object")
        params.update(req.labels)
        if req.op.input is None:
            return params
        for name, ref in req.op.input.shape.members.items():
            if ref.traits.get("location") != "querystring":
                continue
            wire = ref.traits.get("locationName", name)
            values = [v for n, v in req.query if n == wire]
            if not values:
                continue
            if ref.shape.type == "list":
                params[name] = values
            elif ref.shape.type == "integer":
                params[name] = (int(values[0]) if values[0].isdigit()
                                else values[0])
            else:
                params[name] = values[0]
        return params

    # --- running -----------------------------------------------------------

    def context(self, req, lag=None):
        ctx = Context()
        ctx.world, ctx.engine = self.world, self.engine
        ctx.service, ctx.op = req.service, req.op
        ctx.operation, ctx.params = req.operation, req.params
        ctx.key = req.key
        ctx.region = None
        if req.key is not None and req.service.name not in services.GLOBAL:
            ctx.region = req.key.account.region(req.region)
        ctx.wall = self.world.clock.wall()
        ctx.now = self.world.clock.now()
        ctx.hide_after = None if lag is None else ctx.wall - lag
        ctx.result_id = None
        return ctx

    def run(self, req, lag=None):
        """Run the operation and render the answer."""
        try:
            self.world.settle()
            model.validate(req.service, req.op, req.params)
            ctx = self.context(req, lag)
            result = services.call(ctx)
            return self.render(req, result, ctx.result_id)
        except AwsError as exc:
            return self.refuse(req, exc)
        except Exception:  # a fault of the simulator itself: say so
            self.crashes += 1
            traceback.print_exc()
            return self.refuse(req, common("internal", req.service.protocol,
                                           "the simulator crashed"))

    def render(self, req, result, result_id=None):
        request_id = str(uuid.uuid4())
        headers = {"x-amzn-RequestId": request_id}
        protocol = req.service.protocol
        status = 200
        if self.check_outputs:
            self._check_output(req, result or {})
        if protocol == "rest-json":
            status = req.op.status
            headers["Content-Type"] = "application/json"
            body = b"" if status == 204 else dump(result or {}).encode()
        elif protocol == "json":
            headers["Content-Type"] = "application/x-amz-json-1.1"
            body = json.dumps(result or {}).encode()
        else:
            headers["Content-Type"] = "text/xml;charset=UTF-8"
            body = model.render_xml(req.service, req.op, result, request_id)
        return Answer(status, headers, body, None, True, result_id)

    def _check_output(self, req, result):
        """For the simulator's own tests: answers must fit the model too."""
        if req.op.output is None or req.service.protocol in ("query", "ec2"):
            return
        problems = []
        model.check(req.op.output.shape, json.loads(dump(result)), "",
                    problems)
        if problems:
            raise ValueError(f"{req.operation}: " + "; ".join(
                f"{p.path}: {p.message}" for p in problems[:5]))

    def refuse(self, req, error):
        request_id = str(uuid.uuid4())
        headers = {"x-amzn-RequestId": request_id}
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        protocol = req.service.protocol
        if protocol in ("query", "ec2"):
            headers["Content-Type"] = "text/xml;charset=UTF-8"
            body = model.render_error_xml(req.service, error, request_id)
        else:
            content = {"message": error.message, **error.members}
            if protocol == "rest-json":
                headers["x-amzn-ErrorType"] = error.code
                headers["Content-Type"] = "application/json"
            else:
                headers["Content-Type"] = "application/x-amz-json-1.1"
                content["__type"] = error.code
            body = json.dumps(content).encode()
        return Answer(error.status, headers, body, error.code)

    def log(self, req, answer, fault=None, answered=True, **more):
        """Append to the call log; the entry's number."""
        key = req.key
        role = key.role.name if key is not None and key.role else None
        session = key.arn.rsplit("/", 1)[1] if role else None
        entry = {
            "seq": self.first_seq + len(self.calls) + 1,
            "time": self.world.clock.wall(),
            "account": key.account.id if key else None,
            "region": req.region, "service": req.service.name,
            "operation": req.operation,
            "status": answer.status if answer else 0,
            "error": answer.error if answer else "ConnectionReset",
            "params": req.params,
            "applied": bool(answer and answer.applied),
            "answered": answered, "role": role,
            "session": session,
            "resultId": answer.result_id if answer else None,
            "requestId": (answer.headers["x-amzn-RequestId"]
                          if answer else None)}
        if fault is not None:
            entry["fault"] = fault.kind
        entry.update(more)
        self.calls.append(entry)
        return entry["seq"]

    # --- faults ------------------------------------------------------------

    def _call_of(self, req):
        account = req.key.account.id if req.key else None
        target = None
        if req.service.name == "sts" and "RoleArn" in req.params:
            parts = str(req.params["RoleArn"]).split(":")
            target = parts[4] if len(parts) > 4 else None
        return Call(req.service.name, req.operation, account, req.region,
                    target)

    def _fault_error(self, req, fault):
        kind = {"throttle": "throttle", "http_500": "internal",
                "http_503": "unavailable", "access_denied": "denied",
                "expired_token": "expired"}[fault.kind]
        error = common(kind, req.service.protocol, fault.spec.get("message"))
        if "retryAfter" in fault.spec:
            error.retry_after = fault.spec["retryAfter"]
        return error

    async def serve(self, req):
        """The answer to an AWS request; None means: cut the connection."""
        try:
            self.authenticate(req)
            self.parse(req)
        except AwsError as exc:
            answer = self.refuse(req, exc)
            self.log(req, answer)
            return answer
        fault, lag = self.faults.pick(self._call_of(req))
        if fault is None:
            answer = self.run(req, lag)
            self.log(req, answer)
            return answer
        answer = await self._serve_fault(req, fault, lag)
        fault.kill()
        return answer

    async def _serve_fault(self, req, fault, lag):
        kind = fault.kind
        if kind == "reset_before":
            self.log(req, None, fault, False)
            return None
        if kind == "lost_response":
            self.log(req, self.run(req, lag), fault, False)
            return None
        if kind == "late_effect":
            seq = self.log(req, None, fault, False)
            self._spawn(self._late(req, fault, seq), "late")
            return None
        if kind == "duplicate":
            answer = self.run(req, lag)
            seq = self.log(req, answer, fault)
            self.log(req, self.run(req, lag), fault, False, duplicateOf=seq)
            return answer
        if kind in ("slow", "hold"):
            return await self._slow(req, fault, lag)
        answer = self.refuse(req, self._fault_error(req, fault))
        if fault.effect == "before":
            effect = self.run(req, lag)
            answer.applied = effect.applied
            answer.result_id = effect.result_id
        self.log(req, answer, fault)
        return answer

    async def _slow(self, req, fault, lag):
        if fault.effect == "before":
            answer = self.run(req, lag)
            self.log(req, answer, fault)
            await self._pause(fault)
            return answer
        await self._pause(fault)
        answer = self.run(req, lag)
        self.log(req, answer, fault)
        return answer

    async def _pause(self, fault):
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay)
            return
        self.held += 1
        try:
            await self.release.wait()
        finally:
            self.held -= 1

    def release_held(self):
        """Let all calls go on that a `hold` keeps; how many these are."""
        count = self.held
        self.release.set()
        self.release = asyncio.Event()
        return count

    async def _late(self, req, fault, seq):
        await asyncio.sleep(fault.delay)
        self.log(req, self.run(req), fault, False, lateOf=seq)

    def _spawn(self, coroutine, name="call"):
        task = asyncio.create_task(coroutine, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # --- HTTP --------------------------------------------------------------

    async def handle(self, request):
        if request.headers.get("Expect", "").lower() == "100-continue":
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            body = await request.read()
        except ConnectionResetError:
            return web.Response(status=400)     # the client went away
        if request.path.startswith("/_sim/"):
            return await self.control.handle(request, body)
        headers = [(n.lower(), v) for n, v in request.headers.items()]
        req = self.read(request.method, request.raw_path, headers, body)
        # The effect must not depend on whether the client still waits.
        answer = await asyncio.shield(self._spawn(self.serve(req)))
        if answer is None:
            cut(request.transport)
            return web.Response(status=500)
        return web.Response(status=answer.status, headers=answer.headers,
                            body=answer.body)


def cut(transport):
    """Reset a connection so that the client sees no orderly end."""
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        except OSError:
            pass
    transport.abort()


def _own_fault(record):
    """Log filter: what a client did wrong is not worth a line."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not issubclass(
        kind, (http_exceptions.HttpProcessingError, ConnectionError))


def make_server(simulator, loop):
    """The protocol factory for loop.create_server()."""
    logging.getLogger("aiohttp.server").addFilter(_own_fault)

    def factory(message, payload, protocol, writer, task):
        return web.BaseRequest(message, payload, protocol, writer, task,
                               loop, client_max_size=MAX_BODY)
    return web.Server(simulator.handle, request_factory=factory,
                      access_log=None)
