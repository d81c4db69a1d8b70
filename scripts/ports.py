"""Free ports for servers under test, without the usual race.

Asking the kernel for port 0 and closing it again gives a port of the
ephemeral range: until the server binds it, any outgoing connection of the
machine may get it. So ports come from below that range, and each process
holds a lock on the block of ports that it hands out from.
"""

import fcntl
import os
import random
import socket
import tempfile
import threading

BLOCK = 100
FIRST = 10000

_mutex = threading.Lock()
_held = []      # [base, next offset, lock file, pid]


def _last():
    """The port where the ephemeral range begins."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range",
                  encoding="ascii") as f:
            low = int(f.read().split()[0])
    except (OSError, ValueError):
        low = 32768
    return low if low >= FIRST + 10 * BLOCK else 32768


def _take_block():
    """Lock a block that no other process hands out from."""
    folder = os.path.join(tempfile.gettempdir(), f"drs-ports-{os.getuid()}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    bases = list(range(FIRST, _last() - BLOCK + 1, BLOCK))
    random.SystemRandom().shuffle(bases)
    for base in bases:
        lock = open(os.path.join(folder, str(base)), "w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        return [base, 0, lock, os.getpid()]
    raise RuntimeError("every block of test ports is in use")


def _bindable(port):
    """Whether nothing uses the loopback port, not even a closing socket."""
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """A port on loopback that no other caller is given."""
    with _mutex:
        if not _held or _held[0][3] != os.getpid():
            _held[:] = [_take_block()]
        block = _held[0]
        for _ in range(BLOCK):
            port = block[0] + block[1]
            block[1] = (block[1] + 1) % BLOCK
            if _bindable(port):
                return port
        raise RuntimeError("no free port in the block")
