#!/usr/bin/env python3
"""Refreshes the compatibility table of README.md from a run of ./test --replay.

usage: compatibility_table.py [--result build/replay.json] [--recordings ../shared/recordings] [--readme README.md]

Each resource group that is built has a row. Operations of a group that are not built (SCIM, encryption keys …) are counted in rows of their own, so that nothing hides in an average.
"""
import argparse
import collections
import json
import pathlib
import re

BEGIN, END = "<!-- compatibility:begin -->", "<!-- compatibility:end -->"

# group -> name of its row; other groups are not built yet and share the last row
BUILT = {
    "attack-protection": "attack-protection", "auth-api": "Authentication API", "branding": "branding", "client-grants": "client-grants", "clients": "clients",
    "connections": "connections (database)", "email-templates": "email-templates", "emails": "emails", "guardian": "guardian", "jobs": "jobs",
    "keys": "keys (signing)", "logs": "logs", "prompts": "prompts", "resource-servers": "resource-servers", "roles": "roles", "tenants": "tenants",
    "tickets": "tickets", "user-blocks": "user-blocks", "users": "users",
}
# Operations of these groups whose path matches are left out of the group's row.
LEFT_OUT = {
    "keys": (re.compile(r"/keys/(?!signing)"), "keys other than signing"),
    "connections": (re.compile(r"/(scim-|directory-provisioning|synchronized-groups)"), "connections: SCIM and directory provisioning"),
}
OTHER_STRATEGY = "connections of other strategies"
NOT_BUILT = "groups that are not built yet"


def strategies(recordings):
    """-> {scenario: {recorded connection id: strategy}}, from the recorded requests and answers."""
    found = collections.defaultdict(dict)
    for file in recordings.rglob("*.json"):
        scenario = json.loads(file.read_text(encoding="utf-8"))
        for one in scenario.get("interactions", []):
            body = one.get("response", {}).get("body")
            items = body if isinstance(body, list) else body.get("connections", [body]) if isinstance(body, dict) else []
            for item in items:
                if isinstance(item, dict) and "strategy" in item and "id" in item:
                    found[scenario["scenario"]][item["id"]] = item["strategy"]
    return found


def recorded_paths(recordings):
    """-> {(scenario, number): (path, request body)} as recorded."""
    paths = {}
    for file in recordings.rglob("*.json"):
        scenario = json.loads(file.read_text(encoding="utf-8"))
        for number, one in enumerate(scenario.get("interactions", [])):
            paths[scenario["scenario"], number] = one["path"], one.get("request", {}).get("body")
    return paths


def row_of(scenario, one, known, recorded):
    group = one["group"]
    if group not in BUILT:
        return NOT_BUILT
    pattern, row = LEFT_OUT.get(group, (None, None))
    if pattern and pattern.search(one["path"]):
        return row
    if group == "connections":
        path, body = recorded
        match = re.search(r"/connections/([^/?]+)", path)
        if match:
            strategy = known.get(scenario, {}).get(match.group(1))
        else:
            strategy = body.get("strategy") if isinstance(body, dict) else None
        if strategy not in (None, "auth0"):
            return OTHER_STRATEGY
    return BUILT[group]


def table(result, recordings):
    known, paths = strategies(recordings), recorded_paths(recordings)
    rows = collections.defaultdict(lambda: [0, 0])
    for scenario in result["scenarios"]:
        for one in scenario["interactions"]:
            if one["result"] == "unbound":
                continue
            recorded = paths[scenario["scenario"], one["n"]]
            row = rows[row_of(scenario["scenario"], one, known, recorded)]
            row[0] += 1
            row[1] += one["result"] == "pass"
    percent = lambda counted, passed: f"{100 * passed / counted:.1f} %" if counted else "–"
    built = [name for name in sorted([*BUILT.values(), OTHER_STRATEGY], key=str.lower) if rows[name][0]]
    rest = [row for _, row in LEFT_OUT.values()] + [NOT_BUILT]
    total = [sum(rows[name][i] for name in built) for i in (0, 1)]
    lines = ["| recorded operations of | counted | pass | |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {name} | {rows[name][0]} | {rows[name][1]} | {percent(*rows[name])} |" for name in sorted(built)]
    lines.append(f"| **all of the above** | **{total[0]}** | **{total[1]}** | **{percent(*total)}** |")
    lines += [f"| *{name}* | {rows[name][0]} | {rows[name][1]} | {percent(*rows[name])} |" for name in rest if rows[name][0]]
    return "\n".join(lines)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--result", type=pathlib.Path, default=root / "build/replay.json")
    options.add_argument("--recordings", type=pathlib.Path, default=root.parent / "shared/recordings")
    options.add_argument("--readme", type=pathlib.Path, default=root / "README.md")
    given = options.parse_args()
    text = given.readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    made = table(json.loads(given.result.read_text(encoding="utf-8")), given.recordings)
    given.readme.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
