"""Configurations for `sonde aws template`, made from a seed: the same ones every time.

Every one is valid and so must make a template that every validator takes.  The first ones are
extremes: whatever can be long is as long as it may be, whatever can be many is as many.
"""

import itertools
import json
import random
import string

SETS = {
    "tool": ["ServerName", "ToolName", "Environment"],
    "server": ["ServerName", "Environment"],
    "name": ["ToolName", "Environment"],
    "all": ["Environment"],
}
VISIBLE = "".join(chr(c) for c in range(0x21, 0x7f) if chr(c) not in "\"'\\")
RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
ENDPOINTS = [
    "http=http://hook.example/${x}", "https=https://hook.example/a?b=c&d=%20", "email=ops@example.com",
    "email-json=json@example.com", "sms=+4930123456", "sqs=arn:aws:sqs:us-east-1:123456789012:queue",
    "application=arn:aws:sns:us-east-1:123456789012:endpoint/GCM/app/0f1e2d3c-0000-4000-8000-000000000000",
    "lambda=arn:aws:lambda:us-east-1:123456789012:function:page",
    "firehose=arn:aws:firehose:us-east-1:123456789012:deliverystream/s arn:aws:iam::123456789012:role/sns",
]
ACTIONS = [f"arn:aws:sns:us-east-1:123456789012:other-{n}" for n in range(4)]


def minimal():
    return {}


def longest_names():
    # An alarm's name has 255 characters at most: "MCP-ElevatedToolErrorRate", suffix, two slashes.
    server, tool = "s" * 100, "t" * 92
    return {
        "environment": "e" * 64,
        "emf": {"namespace": "N" * 255, "dimensions": list(SETS.values()), "agent_endpoint": "tcp://[::1]:25888",
                "log_group": "g" * 190},
        "alarms": {"servers": [server], "tools": [f"{server}/{tool}"], "p50_max": "1h", "capacity_cps": 1e6,
                   "max_sessions": 1000000, "heartbeat": True},
        "aws": {"suffix": "-" + "x" * 30, "log_group": "/" + "l" * 511, "alert_subscriptions": ENDPOINTS,
                "page_subscriptions": ENDPOINTS, "alert_actions": ACTIONS, "page_actions": ACTIONS,
                "runbook_base": "https://example.com/" + "r" * 179 + "/", "token_price": 1e6, "retention_days": 3653},
    }


def most_servers():
    # The rule of the page takes the alarms of 24.
    return {"emf": {"dimensions": list(SETS.values())},
            "alarms": {"servers": [f"server-{n}" for n in range(24)], "p50_max": "1ms", "capacity_cps": 0.1,
                       "max_sessions": 1}}


def most_tools():
    return {"alarms": {"tools": [f"server/tool-{n}" for n in range(90)]}}


def strangest_names():
    names = ["$(Environment)", "$", "{x}", "{}", "a,b", "(x)", "%", "`", "<b>", "~!@#&*;:|?", "MCP-Page", "-staging"]
    return {"emf": {"dimensions": list(SETS.values()), "namespace": "A b._#:/-9"},
            "alarms": {"servers": names, "tools": [f"{n}/{n}" for n in names[:5]]}}


def fewest_dimensions():
    return {"emf": {"dimensions": [SETS["all"]]}, "alarms": {"page": "plain-and", "calls_min": 1000000,
            "error_rate_warn": 0, "error_rate_critical": 0, "error_rate_page": 0, "result_share": 0.1, "restarts_max": 0}}


def widest_thresholds():
    return {"alarms": {"error_rate_warn": 100, "error_rate_critical": 100, "error_rate_page": 100, "p95_max": "1h",
                       "p99_max": "1h", "context_limit_tokens": 1000000000, "result_share": 100, "session_share": 100,
                       "restarts_max": 1000, "calls_min": 1, "near_limit": 100}}


EXTREMES = [minimal, longest_names, most_servers, most_tools, strangest_names, fewest_dimensions, widest_thresholds]


def some(rng, pool, most):
    return rng.sample(pool, rng.randint(0, min(most, len(pool))))


def name(rng, length, letters=VISIBLE):
    return "".join(rng.choice(letters) for _ in range(rng.randint(1, length)))


def drawn(rng):
    """Any configuration: each part is there or not."""
    plain = string.ascii_letters + string.digits + "-_."
    servers = list(dict.fromkeys(name(rng, 40, rng.choice([plain, VISIBLE])) for _ in range(rng.choice([0, 0, 1, 2, 5]))))
    # A slash in a server's name can make one alarm of two; that is refused, and tested elsewhere.
    servers = list(dict.fromkeys(s.replace("/", "_").replace("${", "__") for s in servers))
    tools = list(dict.fromkeys(f"{name(rng, 20, plain)}/{name(rng, 40)}".replace("${", "__") for _ in range(rng.choice([0, 0, 1, 4]))))
    sets = [SETS["all"]] + some(rng, [SETS["name"], ["Service"], ["Instance", "Environment"]], 3)
    if servers:
        sets.append(SETS["server"])
    if tools or rng.random() < 0.5:
        sets.append(SETS["tool"])
    rng.shuffle(sets)
    rates = sorted(round(rng.uniform(0, 100), rng.choice([0, 1, 3])) for _ in range(3))
    alarms = {"servers": servers, "tools": tools, "error_rate_warn": rates[0], "error_rate_critical": rates[1],
              "error_rate_page": rates[2], "calls_min": rng.choice([1, 5, 20, 1000])}
    for key, value in {"p50_max": f"{rng.randint(1, 5000)}ms", "p95_max": f"{rng.randint(1, 60)}s", "capacity_cps": rng.uniform(0.01, 1e4),
                       "max_sessions": rng.randint(1, 10**6), "near_limit": rng.uniform(1, 100),
                       "context_limit_tokens": rng.randint(100, 10**7), "result_share": rng.uniform(0.1, 100),
                       "heartbeat": True, "page": "plain-and"}.items():
        if rng.random() < 0.4:
            alarms[key] = value
    aws = {}
    for key, value in {"suffix": "-" + name(rng, 30, string.ascii_letters + string.digits + "-"),
                       "log_group": "/" + name(rng, 200, plain + "/#"), "retention_days": rng.choice(RETENTIONS),
                       "alert_subscriptions": some(rng, ENDPOINTS, 9), "page_subscriptions": some(rng, ENDPOINTS, 9),
                       "alert_actions": some(rng, ACTIONS, 4), "page_actions": some(rng, ACTIONS, 4),
                       "runbook_base": "https://example.com/" + name(rng, 60, plain) + "/", "token_price": rng.uniform(0, 100)}.items():
        if rng.random() < 0.4:
            aws[key] = value
    config = {"emf": {"dimensions": sets}, "alarms": alarms, "aws": aws}
    if rng.random() < 0.5:
        config["environment"] = name(rng, 30, string.ascii_letters + string.digits + "-").strip("-") or "test"
    if rng.random() < 0.3:
        config["emf"] |= {"agent_endpoint": "udp://127.0.0.1:25888", "log_group": name(rng, 100, plain)}
    if servers and rng.random() < 0.5:
        config["servers"] = {servers[0]: {"alarms": {"p50_max": "10ms", "capacity_cps": 2, "calls_min": 7}}}
    return config


def configurations(count, seed=4):
    """`count` of them, the extremes first."""
    rng = random.Random(seed)
    endless = itertools.chain((make() for make in EXTREMES), (drawn(rng) for _ in itertools.count()))
    return list(itertools.islice(endless, count))


def written(config):
    """As a file of sonde's: JSON is YAML."""
    return json.dumps(config)
