"""The control route of the local AWS: faults, delays, slow deployments, and what was called.

All paths lie below /stackjob-test/ and speak JSON.

POST   /rules     {"service": "ecs", "action": "CreateService", "skip": 0, "times": 1,
                   "delay": 2.5, "error": {"code": "...", "message": "...", "status": 400}}
                  After `skip` matching calls the next `times` of them wait `delay` seconds and then,
                  with `error`, fail instead of being carried out. Answers {"id": n}.
GET    /rules     all rules, each with how often it has been `used`
DELETE /rules     forgets all rules
POST   /rollout   {"seconds": 3, "outcome": "completed"|"failed"|"stuck"}: ECS deployments from now on
GET    /calls     [{"time", "service", "action", "status"}], oldest first; ?action=... and ?service=...
DELETE /calls     forgets them
GET    /left      {"ecs service": [...], ...}: what is there and was not when the server became ready
"""

import dataclasses
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from moto_gaps import Rollout, around, refusal

PREFIX = "/stackjob-test/"


@dataclasses.dataclass
class Rule:
    id: int
    action: str
    service: str | None = None
    skip: int = 0
    times: int = 1
    delay: float = 0.0
    error: dict[str, Any] | None = None
    seen: int = 0
    used: int = 0


class Control:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rules: list[Rule] = []
        self.calls: list[dict[str, Any]] = []
        self.numbers = itertools.count(1)
        self.left: Callable[[], dict[str, list[str]]] = dict

    def matching(self, service: str, action: str) -> Rule | None:
        """The rule that takes this call; counts the call in every rule that it fits."""
        with self.lock:
            chosen = None
            for rule in self.rules:
                if rule.action != action or rule.service not in (None, service):
                    continue
                rule.seen += 1
                if chosen is None and rule.seen > rule.skip and rule.used < rule.times:
                    rule.used += 1
                    chosen = rule
            return chosen

    def install(self) -> None:
        """Puts the rules in front of every call that moto handles by action."""
        from moto.core.responses import BaseResponse

        @around(BaseResponse, "call_action")
        def _(original: Callable[..., Any], response: BaseResponse) -> Any:
            service, action = response.service_name, response._get_action()
            call = {"time": time.time(), "service": service, "action": action, "status": None}
            with self.lock:
                self.calls.append(call)
            rule = self.matching(service, action)
            if rule and rule.delay:
                time.sleep(rule.delay)
            if rule and rule.error:
                answer = refusal(
                    response,
                    rule.error["code"],
                    rule.error.get("message", "as the test asked"),
                    rule.error.get("status", 400),
                )
            else:
                answer = original(response)
            call["status"] = answer[0]
            return answer

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> tuple[str, Any]:
        given = json.loads(body) if body else {}
        if path == "rules" and method == "POST":
            rule = Rule(id=next(self.numbers), **given)
            with self.lock:
                self.rules.append(rule)
            return "200 OK", {"id": rule.id}
        if path == "rules" and method == "GET":
            return "200 OK", [dataclasses.asdict(rule) for rule in self.rules]
        if path == "rules" and method == "DELETE":
            with self.lock:
                self.rules.clear()
            return "200 OK", {}
        if path == "rollout" and method == "POST":
            if given.get("outcome", "completed") not in ("completed", "failed", "stuck"):
                raise ValueError("outcome is completed, failed or stuck")
            Rollout.seconds = float(given.get("seconds", 0))
            Rollout.outcome = given.get("outcome", "completed")
            return "200 OK", {}
        if path == "calls" and method == "GET":
            wanted = {name: values[0] for name, values in query.items()}
            with self.lock:
                calls = [c for c in self.calls if all(c.get(name) == value for name, value in wanted.items())]
            return "200 OK", calls
        if path == "calls" and method == "DELETE":
            with self.lock:
                self.calls.clear()
            return "200 OK", {}
        if path == "left" and method == "GET":
            return "200 OK", self.left()
        return "404 Not Found", {"error": f"no {method} {PREFIX}{path}"}

    def before(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """The WSGI application with the control route in front of it."""

        def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            if not path.startswith(PREFIX):
                return application(environ, start_response)
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            try:
                status, value = self.answer(
                    environ["REQUEST_METHOD"], path.removeprefix(PREFIX), parse_qs(environ["QUERY_STRING"]), body
                )
            except (ValueError, TypeError, KeyError) as problem:
                status, value = "400 Bad Request", {"error": str(problem)}
            answer = json.dumps(value, default=str).encode() + b"\n"
            start_response(
                status, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
            )
            return [answer]

        return wrapped
