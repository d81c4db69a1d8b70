"""Simulated time: it runs `factor` times as fast as the wall clock."""
import time


class SimClock:
    """Maps simulated seconds to wall-clock times and back.

    Jobs are planned in simulated seconds; what goes over the wire are wall
    times.  Each change of the factor starts a new segment, so that an
    event's wall time stays what it was when the factor changes later.
    """

    def __init__(self, factor=1.0):
        self._base = time.time() - time.monotonic()
        self._segments = [(self.wall(), 0.0, factor)]
        self._factor = factor
        self.frozen = False

    def wall(self):
        return self._base + time.monotonic()

    @property
    def factor(self):
        return self._factor

    def now(self):
        wall, sim, factor = self._segments[-1]
        return sim + (self.wall() - wall) * factor

    def _segment(self, factor):
        wall, sim, old = self._segments[-1]
        now = self.wall()
        self._segments.append((now, sim + (now - wall) * old, factor))

    def set_factor(self, factor):
        self._factor = factor
        if not self.frozen:
            self._segment(factor)

    def freeze(self):
        if not self.frozen:
            self.frozen = True
            self._segment(0.0)

    def thaw(self):
        if self.frozen:
            self.frozen = False
            self._segment(self._factor)

    def wall_of(self, sim):
        """The wall time at which the simulated time was `sim`."""
        for wall, start, factor in reversed(self._segments):
            if sim >= start:
                return wall + ((sim - start) / factor if factor else 0.0)
        return self._segments[0][0]
