"""Parses the file that is named, and prints what it holds as JSON."""

import json
import sys

import hcl2

with open(sys.argv[1], encoding="utf-8") as file:
    json.dump(hcl2.load(file), sys.stdout)
