"""A TCP proxy that strikes: lets a process die at an exact request.

It stands between the shipped worker and Redis or the simulated AWS. What is
watched is told by a pattern; its first group is the name of the step. At the
chosen occurrence of the chosen step the proxy calls `strike()`:

  before  without passing the request on
  after   when the answer has come back, without passing that on
  cut     (Redis only) as `after`, but first every other connection is made
          to wait and `mark()` is called, so that what Redis writes between
          mark and strike belongs to this one request, whose answer nobody
          has seen
"""

import asyncio
import re
import threading

ANSWER_S = 10


class Proxy:
    """One listener, one upstream; runs in a thread of its own."""

    def __init__(self, pattern, listen_path=None, upstream_path=None,
                 upstream_port=None):
        self.pattern = re.compile(pattern)
        self.listen_path = listen_path
        self.upstream_path = upstream_path
        self.upstream_port = upstream_port
        self.port = None
        self.seen = {}
        self.step = None
        self.nth = 0
        self.mode = None
        self.mark = None
        self.strike = None
        self.struck = None
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._gate = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def arm(self, step, nth, mode, strike, mark=None):
        """Strike at the nth request (1-based) of a step, from now on."""
        with self._lock:
            self.seen = {}
            self.step = step
            self.nth = nth
            self.mode = mode
            self.mark = mark
            self.strike = strike
            self.struck = None

    def count(self):
        """Only pass on and count from now."""
        self.arm(None, 0, None, None)

    def disarm(self):
        """No strike any more; {step: requests seen}."""
        with self._lock:
            self.step = None
            return dict(self.seen)

    def state(self):
        """What it waits for, as plain data."""
        with self._lock:
            return {"step": self.step, "nth": self.nth, "mode": self.mode,
                    "struck": self.struck, "seen": dict(self.seen),
                    "open": self._gate is not None and self._gate.is_set()}

    def close(self):
        """Stop listening and end the thread."""
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(10)

    def _stop(self):
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        # once more around, so that they end
        self._loop.call_soon(self._loop.stop)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._loop.run_forever()

    async def _listen(self):
        self._gate = asyncio.Event()
        self._gate.set()
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
        names = [m.decode() for m in self.pattern.findall(chunk)]
        if not names:
            return None
        mode = None
        with self._lock:
            for name in names:
                self.seen[name] = self.seen.get(name, 0) + 1
                if name == self.step and self.seen[name] == self.nth:
                    mode = self.mode
                    self.struck = name
                    self.step = None
        return mode

    async def _call(self, function):
        if function is not None:
            await self._loop.run_in_executor(None, function)

    async def _serve(self, reader, writer):
        try:
            up_reader, up_writer = await self._connect()
        except OSError:
            writer.close()
            return
        closed = False
        swallow = asyncio.Event()
        answered = asyncio.Event()
        task = asyncio.ensure_future(
            self._answers(up_reader, writer, swallow, answered))
        try:
            while True:
                data = await reader.read(65536)
                if not data:
                    break
                await self._gate.wait()
                mode = self._judge(data)
                if mode == "before":
                    await self._call(self.strike)
                    break
                if mode == "cut":
                    closed = True
                    self._gate.clear()
                    await self._call(self.mark)
                if mode:
                    swallow.set()
                up_writer.write(data)
                await up_writer.drain()
                if mode:
                    try:
                        await asyncio.wait_for(answered.wait(), ANSWER_S)
                    except asyncio.TimeoutError:
                        pass
                    await self._call(self.strike)
                    break
        except OSError:
            pass
        finally:
            if closed:
                self._gate.set()
            task.cancel()
            up_writer.close()
            writer.close()

    @staticmethod
    async def _answers(up_reader, writer, swallow, answered):
        try:
            while True:
                data = await up_reader.read(65536)
                if swallow.is_set():
                    answered.set()
                    if not data:
                        break
                    continue
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            if not swallow.is_set():
                writer.close()
