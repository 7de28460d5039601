#!/usr/bin/env python3
"""Prints what CHANGELOG.md says of a version: scripts/release/notes.py 0.1.0"""

import pathlib
import re
import sys

text = (pathlib.Path(__file__).resolve().parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
version = sys.argv[1].removeprefix("v") if len(sys.argv) == 2 else sys.exit(__doc__)
found = re.search(rf"^## \[{re.escape(version)}\].*?\n(.*?)(?=^## \[|\Z)", text, re.M | re.S)
if not found:
    sys.exit(f"error: CHANGELOG.md has no `## [{version}]`: name the version there before it is tagged")
print(found.group(1).strip())
