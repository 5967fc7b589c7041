"""The fault program's trials over HTTP, with the server of our tests."""

import glob
import json
import os
import subprocess
import time
import urllib.request

from faults_trial import ROOT, Trial, read_json

STEPS = {
    "claims": "POST /v1/claims", "lease": "/lease", "events": "PUT .*/events", "artefacts": "PUT .*/artefacts",
    "result": "PUT .*/result",
}
FAULTS = [
    {"do": "cut-before"}, {"do": "cut-after"}, {"do": "half"}, {"do": "reset"}, {"do": "garbage"}, {"do": "html"},
    {"do": "duplicate"}, {"do": "delay", "seconds": 1}, {"do": "status", "status": 429, "after": 0.2},
    {"do": "status", "status": 500}, {"do": "status", "status": 503, "after": 0},
]


class HTTPTrial(Trial):
    def __init__(self, options, **more):
        super().__init__(options, **more)
        self.port = 0
        self.server = None
        self.start_server()

    def start_server(self):
        command = [
            f"{ROOT}/scripts/queue-server", "--data", f"{self.home}/data.json", "--lease", "5",
            "--port", str(self.port),
        ]
        for _ in range(20):
            self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            line = self.server.stdout.readline()
            if line:
                break
            self.server.wait()  # its port is not free yet
            time.sleep(0.2)
        self.queue = json.loads(line)["endpoint"]
        self.port = int(self.queue.rsplit(":", 1)[1])

    def kill_server(self):
        self.server.kill()
        self.server.wait()
        self.hit("server")
        time.sleep(self.random.uniform(0, 2))
        self.start_server()

    def inject(self, match, fault):
        data = json.dumps([{**fault, "match": match}]).encode()
        request = urllib.request.Request(f"{self.queue}/stackjob-test/faults", data, method="POST")
        urllib.request.urlopen(request).close()

    def spent(self):
        """How many faults were met."""
        with urllib.request.urlopen(f"{self.queue}/stackjob-test/calls") as reply:
            return sum(call["fault"] is not None for call in json.load(reply))

    def close(self):
        super().close()
        if self.server:
            self.server.kill()
            self.server.wait()

    def supervisor_files(self):
        return glob.glob(f"{self.home}/state/spool/*/jobs/*/attempts/*/supervisor.json")

    def kept(self):
        return (read_json(f"{self.home}/data.json") or {}).get("jobs", {})

    def job_logs(self):
        """As the server has them."""
        logs = {}
        folder = f"{self.home}/server-logs"
        for name, job in self.kept().items():
            for number, text in job["logs"].items():
                path = f"{folder}/{name}.{number}"
                os.makedirs(folder, exist_ok=True)
                with open(path, "w", encoding="latin-1") as file:
                    file.write(text)
                logs.setdefault(name, []).append(path)
        return logs

    def approved(self, job):
        return self.approvals.get(job, 0)

    def promises(self):
        spool = glob.glob(f"{self.home}/state/spool/*/jobs/*")
        return [*super().promises(), ("nothing is left in the spool", [os.path.basename(path) for path in spool])]
