#!/usr/bin/python3
"""Every relative link of every Markdown file leads to a file, and every
fragment to a heading of it."""

import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINK = re.compile(r"!?\[[^\]\[]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?\s*$", re.M)
OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.I)
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.M | re.S)


def files():
    """Markdown files of the checkout, without what is ignored."""
    out = subprocess.run(
        ["git", "-C", TOP, "ls-files", "-co", "--exclude-standard", "*.md"],
        capture_output=True, text=True, check=False)
    if out.returncode == 0:
        names = out.stdout.split("\n")
    else:  # an archive without its history
        names = [os.path.relpath(os.path.join(folder, name), TOP)
                 for folder, _, found in os.walk(TOP) for name in found]
    skip = ("build/", "run/")
    return sorted(n for n in names
                  if n.endswith(".md") and not n.startswith(skip)
                  and os.path.exists(os.path.join(TOP, n)))


def text_of(path):
    """Text without code blocks and code spans, which hold no links."""
    with open(path, encoding="utf-8") as f:
        return re.sub(r"`[^`\n]*`", "", FENCE.sub("", f.read()))


def anchors(path):
    """Fragments of the headings, as the usual renderers make them."""
    with open(path, encoding="utf-8") as f:
        raw = FENCE.sub("", f.read())
    found = {}
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*\s*$", raw, re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        n = found.get(slug, 0)
        found[slug] = n + 1
        if n:
            found[f"{slug}-{n}"] = 1
    return set(found)


def broken(name):
    """Messages about the links of one file."""
    path = os.path.join(TOP, name)
    text = text_of(path)
    for link in LINK.findall(text) + REFERENCE.findall(text):
        if OUTSIDE.match(link):
            continue
        target, _, fragment = link.partition("#")
        full = path if not target else os.path.normpath(
            os.path.join(TOP, target[1:]) if target.startswith("/")
            else os.path.join(os.path.dirname(path), target))
        if not os.path.exists(full):
            yield f"{name}: {link}: no such file"
        elif os.path.relpath(full, TOP).startswith(".."):
            yield f"{name}: {link}: leads out of the project"
        elif fragment and full.endswith(".md") \
                and fragment.lower() not in anchors(full):
            yield f"{name}: {link}: no such heading"


def main():
    """Check all files; the exit code says whether all links resolve."""
    names = files()
    errors = [message for name in names for message in broken(name)]
    if not names:
        errors.append("no Markdown file found")
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
