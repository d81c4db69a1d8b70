"""What a clean log is: no alert of nginx, no report of a sanitizer."""

import glob
import os
import re

NGINX_BAD = re.compile(r"\[(alert|crit|emerg)\]")
SANITIZER = re.compile(r"runtime error:|AddressSanitizer|LeakSanitizer")


def assert_silent(stack):
    """No alert in any log, no sanitizer report."""
    problems = []
    for path in glob.glob(os.path.join(stack.log_dir, "*")):
        name = os.path.basename(path)
        with open(path, encoding="utf-8", errors="replace") as f:
            if ".asan" in name or ".ubsan" in name:
                problems.append(f"{name}:\n{f.read()[:6000]}")
                continue
            for line in f:
                if SANITIZER.search(line) or (name.startswith("nginx")
                                              and NGINX_BAD.search(line)):
                    problems.append(f"{name}: {line.rstrip()}")
    assert not problems, "logs are not silent:\n" + "\n".join(problems[:20])
