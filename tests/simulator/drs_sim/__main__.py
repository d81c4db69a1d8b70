"""Start the simulator: python3 -m drs_sim --port 0"""
import argparse
import asyncio
import json
import os
import signal
import sys

from . import fleet, services, tls
from .server import Simulator, make_server


def arguments(argv=None):
    parser = argparse.ArgumentParser(
        prog="drs_sim", description="Simulator of AWS Elastic Disaster "
        "Recovery, EC2, STS, SSM, SNS, IAM and Service Quotas")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0,
                        help="0 picks a free port")
    parser.add_argument("--tls-port", type=int, default=None,
                        help="also serve TLS there; 0 picks a free port")
    parser.add_argument("--tls-dir", default=None,
                        help="folder for the test CA and certificates")
    parser.add_argument("--speed", type=float, default=1.0,
                        help="simulated seconds in a second")
    parser.add_argument("--page-size", type=int, default=25,
                        help="largest page of any list")
    parser.add_argument("--max-skew", type=int, default=300,
                        help="seconds a signature may be old or early")
    parser.add_argument("--fleet", default=None,
                        help="JSON file: a body of POST /_sim/fleet that "
                        "is loaded at the start")
    parser.add_argument("--check-outputs", action="store_true",
                        help="check the answers against the models as well")
    args = parser.parse_args(argv)
    if args.tls_port is not None and not args.tls_dir:
        parser.error("--tls-port needs --tls-dir")
    if args.speed <= 0:
        parser.error("--speed must be over 0")
    return args


async def serve(args):
    loop = asyncio.get_running_loop()
    simulator = Simulator(args.speed, args.page_size, args.max_skew,
                          args.check_outputs)
    if args.fleet:
        with open(args.fleet, encoding="utf-8") as handle:
            fleet.add(simulator.world, json.load(handle))
    services.load_all()
    factory = make_server(simulator, loop)
    ready = {"pid": os.getpid()}
    plain = await loop.create_server(factory, args.host, args.port,
                                     backlog=512)
    ready["port"] = plain.sockets[0].getsockname()[1]
    servers = [plain]
    if args.tls_port is not None:
        for name, context in tls.contexts(args.tls_dir).items():
            port = args.tls_port if name == "tlsPort" else 0
            server = await loop.create_server(factory, args.host, port,
                                              ssl=context, backlog=128)
            ready[name] = server.sockets[0].getsockname()[1]
            servers.append(server)
        ready["ca"] = tls.ca_path(args.tls_dir)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    print(json.dumps(ready), flush=True)
    await stop.wait()
    for server in servers:
        server.close()
    await factory.shutdown(0.2)


def main(argv=None):
    args = arguments(argv)
    try:
        asyncio.run(serve(args))
    except (OSError, ValueError) as exc:
        print(f"drs_sim: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
