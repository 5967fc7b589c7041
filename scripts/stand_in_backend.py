"""The backend of the stand-in for Pulumi: stacks, settings, secrets and locks in folders, laid out as Pulumi does.

Encryption is for show: it keeps a secret out of files in clear and tells a wrong passphrase, no more.
"""

import base64
import getpass
import hashlib
import json
import os
import socket
import time
import uuid

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


class Fault(Exception):
    """A command's end: what it says on standard error, and its exit code from 3.227 on."""

    def __init__(self, text, code=1):
        super().__init__(text)
        self.text, self.code = text, code


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w") as file:
        file.write(text)
    os.replace(path + ".new", path)


class Crypter:
    """Encrypts with a key made of a passphrase, or of what a secrets provider is played by, and a salt."""

    def __init__(self, salt, provider=None):
        self.salt = salt
        self.key = hashlib.pbkdf2_hmac("sha256", (provider or passphrase()).encode(), salt.encode(), 1000)

    def stream(self, nonce, length):
        blocks = (hashlib.sha256(self.key + nonce + bytes([n & 255, n >> 8])).digest() for n in range(length // 32 + 1))
        return b"".join(blocks)[:length]

    def encrypt(self, text):
        nonce = os.urandom(12)
        data = text.encode()
        mixed = bytes(a ^ b for a, b in zip(data, self.stream(nonce, len(data))))
        tag = hashlib.sha256(self.key + data).digest()[:8]
        return "v1:" + base64.b64encode(nonce + tag + mixed).decode()

    def decrypt(self, text):
        raw = base64.b64decode(text[3:])
        nonce, tag, mixed = raw[:12], raw[12:20], raw[20:]
        data = bytes(a ^ b for a, b in zip(mixed, self.stream(nonce, len(mixed))))
        if hashlib.sha256(self.key + data).digest()[:8] != tag:
            raise Fault("getting stack configuration: get stack secrets manager: incorrect passphrase", 255)
        return data.decode()


def clear(value, crypter):
    """A state's secrets as `--show-secrets` writes them."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return {SIGNATURE: SECRET, "plaintext": json.dumps(crypter.decrypt(value["ciphertext"]))}
        return {key: clear(item, crypter) for key, item in value.items()}
    return [clear(item, crypter) for item in value] if isinstance(value, list) else value


def sealed(value, crypter):
    """The other way round."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET and "plaintext" in value:
            return {SIGNATURE: SECRET, "ciphertext": crypter.encrypt(json.loads(value["plaintext"]))}
        return {key: sealed(item, crypter) for key, item in value.items()}
    return [sealed(item, crypter) for item in value] if isinstance(value, list) else value


def passphrase():
    if "PULUMI_CONFIG_PASSPHRASE" in os.environ:
        return os.environ["PULUMI_CONFIG_PASSPHRASE"]
    if path := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        with open(path) as file:
            return file.read().strip()
    raise Fault("getting secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or "
                "PULUMI_CONFIG_PASSPHRASE_FILE environment variables", 255)


class Backend:
    """One stack's place in the backend."""

    def __init__(self, folder, project, stack):
        url = os.environ.get("PULUMI_BACKEND_URL")
        if not url:
            raise Fault("PULUMI_BACKEND_URL must be set", 3)
        service = url.startswith("http")
        if service and not os.environ.get("PULUMI_ACCESS_TOKEN"):
            raise Fault("PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions", 3)
        if not url.startswith("file://"):
            # Any other place is played by a folder beside the stand-in.
            url = "file://" + os.path.join(folder, "backends", hashlib.sha256(url.encode()).hexdigest()[:12])
        self.url, self.root = url, url[len("file://"):]
        # The service keeps secrets itself; other providers stand in the stack's settings.
        self.provider = "service" if service else None
        if not os.path.isdir(self.root):
            if "/backends/" not in self.root:
                raise Fault(f"problem logging in: unable to open bucket {url}: no such directory", 255)
            os.makedirs(self.root)
        self.project, self.stack = project, stack.split("/")[-1]
        own = os.path.join(self.root, ".pulumi")
        self.state_file = os.path.join(own, "stacks", project, self.stack + ".json")
        self.history = os.path.join(own, "history", project, self.stack)
        self.locks = os.path.join(own, "locks", "organization", project, self.stack)
        self.lock_file = None
        if not os.path.exists(os.path.join(own, "meta.yaml")):
            write(os.path.join(own, "meta.yaml"), "version: 1\n")

    # Settings of the stack, beside the project

    def settings_file(self):
        return f"Pulumi.{self.stack}.yaml"

    def settings(self):
        """The salt and the config, read from the few forms of YAML that are written here."""
        salt, config, inside = None, {}, None
        if os.path.exists(self.settings_file()):
            for line in open(self.settings_file()).read().splitlines():
                if line.startswith("encryptionsalt: ") or line.startswith("encryptedkey: "):
                    salt = line.split(": ", 1)[1]
                elif line.startswith("secretsprovider: "):
                    self.provider = line.split(": ", 1)[1]
                elif line.startswith("  ") and not line.startswith("    "):
                    name, _, value = line.strip().partition(": ")
                    inside = name.rstrip(":")
                    if value:
                        config[inside] = json.loads(value)
                elif line.startswith("    secure: "):
                    config[inside] = {"secure": line.split(": ", 1)[1]}
        return salt, config

    def keep_settings(self, salt, config):
        lines = [f"encryptionsalt: {salt}"]
        if self.provider and self.provider != "service":
            lines = [f"secretsprovider: {self.provider}", f"encryptedkey: {salt}"]
        if config:
            lines.append("config:")
        for name, value in config.items():
            if isinstance(value, dict):
                lines += [f"  {name}:", f"    secure: {value['secure']}"]
            else:
                lines.append(f"  {name}: {json.dumps(value)}")
        write(os.path.abspath(self.settings_file()), "\n".join(lines) + "\n")

    def crypter(self):
        """By the salt of the settings, else of the state where that is wanted, else by a new one."""
        salt, config = self.settings()
        if salt is None and os.environ.get("PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER") == "true":
            kept = (self.latest().get("secrets_providers") or {}).get("state", {})
            salt, self.provider = kept.get("salt"), kept.get("url") or self.provider
        if salt is None:
            seed = base64.b64encode(os.urandom(8)).decode()
            salt = f"v1:{seed}:{Crypter(seed, self.provider).encrypt('pulumi')}"
        self.keep_settings(salt, config)
        seed, check = salt[3:].split(":", 1)
        crypter = Crypter(seed, self.provider)
        crypter.decrypt(check)
        crypter.salt = salt
        return crypter

    # State

    def stacks(self):
        folder = os.path.dirname(self.state_file)
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        names = [name.removesuffix(".json") for name in names if name.endswith(".json")]
        return [{"name": f"organization/{self.project}/{name}", "current": False, "updateInProgress": False}
                for name in names]

    def exists(self):
        return os.path.exists(self.state_file)

    def require(self):
        if not self.exists():
            raise Fault(f"no stack named '{self.stack}' found", 6)

    def checkpoint(self):
        with open(self.state_file) as file:
            return json.load(file)

    def latest(self):
        return self.checkpoint()["checkpoint"].get("latest") or {} if self.exists() else {}

    def create(self):
        if self.exists():
            raise Fault(f"stack '{self.stack}' already exists", 1)
        self.save(None)

    def save(self, deployment):
        if self.exists():
            os.replace(self.state_file, self.state_file + ".bak")
        name = f"organization/{self.project}/{self.stack}"
        checkpoint = {"stack": name, "latest": deployment}
        write(self.state_file, json.dumps({"version": 3, "checkpoint": checkpoint}, indent=1))

    def keep_history(self, update):
        stem = os.path.join(self.history, f"{self.stack}-{time.time_ns()}")
        write(stem + ".checkpoint.json", open(self.state_file).read())
        write(stem + ".history.json", json.dumps(update))

    def updates(self):
        """What was done to the stack, the latest first."""
        names = os.listdir(self.history) if os.path.isdir(self.history) else []
        names = sorted((name for name in names if name.endswith(".history.json")), reverse=True)
        return [json.load(open(os.path.join(self.history, name))) for name in names]

    # Locks

    def others(self):
        names = os.listdir(self.locks) if os.path.isdir(self.locks) else []
        return [path for path in (os.path.join(self.locks, name) for name in sorted(names)) if path != self.lock_file]

    def lock(self):
        self.refuse_locked()
        self.lock_file = os.path.join(self.locks, f"{uuid.uuid4()}.json")
        holder = {"pid": os.getpid(), "username": getpass.getuser(), "hostname": socket.gethostname(),
                  "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        write(self.lock_file, json.dumps(holder))
        try:
            self.refuse_locked()
        except Fault:
            self.unlock()
            raise

    def refuse_locked(self):
        others = self.others()
        if not others:
            return
        lines = [f"the stack is currently locked by {len(others)} lock(s). Either wait for the other process(es) "
                 "to end or delete the lock file with `pulumi cancel`."]
        for path in others:
            holder = json.load(open(path))
            lines.append(f"  file://{path}: created by {holder['username']}@{holder['hostname']} (pid {holder['pid']}) "
                         f"at {holder['timestamp']}")
        raise Fault("\n".join(lines), 1)

    def unlock(self):
        if self.lock_file and os.path.exists(self.lock_file):
            os.remove(self.lock_file)

    def break_locks(self):
        for path in self.others():
            os.remove(path)
