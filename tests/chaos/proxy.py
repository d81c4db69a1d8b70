"""A TCP proxy that strikes: kills a process at an exact request.

It stands between the shipped worker and Redis or the simulated AWS. A
request is one chunk from the client that contains one of the watched
words. At the chosen one it calls `strike()`: mode `before` without passing
the request on, mode `after` when the answer has come back and without
passing that on.
"""

import asyncio
import threading


class Proxy:
    """One listener, one upstream; runs in a thread of its own."""

    def __init__(self, listen_path=None, upstream_path=None,
                 upstream_port=None, words=()):
        self.listen_path = listen_path
        self.upstream_path = upstream_path
        self.upstream_port = upstream_port
        self.words = tuple(w.encode() for w in words)
        self.port = None
        self.seen = 0
        self.target = 0
        self.mode = None
        self.strike = None
        self.struck = None
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def arm(self, target, mode, strike):
        """Strike at the target-th watched request from now (1-based)."""
        with self._lock:
            self.seen = 0
            self.target = target
            self.mode = mode
            self.strike = strike
            self.struck = None

    def disarm(self):
        """Only pass on and count; returns the number of requests seen."""
        with self._lock:
            self.target = 0
            return self.seen

    def close(self):
        """Stop listening and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._loop.run_forever()

    async def _listen(self):
        if self.listen_path:
            await asyncio.start_unix_server(self._serve, self.listen_path)
        else:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
        self._ready.set()

    async def _connect(self):
        if self.upstream_path:
            return await asyncio.open_unix_connection(self.upstream_path)
        return await asyncio.open_connection("127.0.0.1", self.upstream_port)

    def _judge(self, chunk):
        """None, or the mode in which this chunk strikes."""
        hit = next((w for w in self.words if w in chunk), None)
        if hit is None:
            return None
        with self._lock:
            self.seen += 1
            if self.target == 0 or self.seen != self.target:
                return None
            self.target = 0
            self.struck = hit.decode()
            return self.mode

    async def _serve(self, reader, writer):
        try:
            up_reader, up_writer = await self._connect()
        except OSError:
            writer.close()
            return
        state = {"swallow": False}

        async def answers():
            try:
                while True:
                    data = await up_reader.read(65536)
                    if not data:
                        break
                    if state["swallow"]:
                        self.strike()
                        break
                    writer.write(data)
                    await writer.drain()
            except (OSError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        task = asyncio.ensure_future(answers())
        try:
            while True:
                data = await reader.read(65536)
                if not data:
                    break
                mode = self._judge(data)
                if mode == "before":
                    self.strike()
                    break
                if mode == "after":
                    state["swallow"] = True
                up_writer.write(data)
                await up_writer.drain()
        except OSError:
            pass
        finally:
            if state["swallow"]:
                await asyncio.wait([task], timeout=10)
            task.cancel()
            up_writer.close()
            writer.close()
