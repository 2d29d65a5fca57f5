# SPDX-License-Identifier: Apache-2.0
"""What containers of the demo cluster do: the few programs that probes start, acted instead of executed."""

from __future__ import annotations

import re
import shlex
from typing import Any, NamedTuple

from pytest_scs.demo.kubernetes.network import connects, pods_at
from pytest_scs.demo.kubernetes.state import ClusterState, Object

_ENTRYPOINTS = {"pause": ["/pause"], "agnhost": ["/agnhost"], "busybox": ["sh"]}
_DEFAULTS = {"agnhost": ["pause"]}


class Outcome(NamedTuple):
    """How a program ends: its exit code, None for one that stays; what it says; how many seconds it takes."""

    code: int | None
    log: str = ""
    seconds: float = 0.0


def run(state: ClusterState, pod: Object, container: dict[str, Any]) -> Outcome:
    """Start the program of a container."""
    return _Run(state, pod, container).program(_argv(container))


def probe(state: ClusterState, pod: Object, container: dict[str, Any], command: list[str]) -> Outcome:
    """Execute a command in a running container, as its kubelet does to see whether it is ready."""
    return _Run(state, pod, container).program(command)


def _argv(container: dict[str, Any]) -> list[str]:
    """What is executed: command and arguments, or what the image brings for them."""
    name = next((name for name in _ENTRYPOINTS if name in str(container.get("image"))), "")
    own, given = container.get("command"), container.get("args")
    if own:
        return [*own, *(given or ())]
    argv = [*_ENTRYPOINTS.get(name, []), *(given or _DEFAULTS.get(name, []))]
    return argv or ["pause"]  # what an image does by itself that is not known here, a server mostly


def listens(container: dict[str, Any]) -> set[int]:
    """The ports at which the program of a container listens."""
    argv = _argv(container)
    words = " ".join(argv)
    if "netexec" in words or "serve-hostname" in words:
        match = re.search(r"--(?:http-)?port[= ](\d+)", words)
        return {int(match[1]) if match else 8080}
    if re.search(r"\b(?:nc|httpd)\b", words):
        return {int(port) for port in re.findall(r"-p\s*(\d+)", words)}
    return set()


class _Run:
    """One container at work; scripts see the files of its volumes."""

    def __init__(self, state: ClusterState, pod: Object, container: dict[str, Any]) -> None:
        self._state, self._pod, self._container = state, pod, container
        self._log: list[str] = []
        self._own: dict[str, str] = {}  # files outside of volumes

    def program(self, argv: list[str]) -> Outcome:
        """Do what a command line says."""
        argv = [self._filled(word) for word in argv]
        name = argv[0].rpartition("/")[2] if argv else ""
        if name in ("sh", "ash", "bash") and any(re.fullmatch(r"-[a-z]*c", word) for word in argv[1:2]):
            return self._script(argv[2])
        if name == "sleep":
            return Outcome(None, "")  # as the program of a container it is there to stay
        if name == "agnhost":
            name, argv = argv[1], argv[1:]
        code = self._command(name, argv[1:])
        return Outcome(code, "".join(self._log))

    def _filled(self, word: str) -> str:
        """A word with the variables of the container in it."""
        given = {one["name"]: str(one.get("value", "")) for one in self._container.get("env") or ()}
        return re.sub(r"\$\((\w+)\)", lambda found: given.get(found[1], found[0]), word)

    def _script(self, script: str) -> Outcome:
        """Commands joined by ``&&``, ``||``, ``;`` and line ends; the words of a shell beyond that are not known."""
        env = {one["name"]: str(one.get("value", "")) for one in self._container.get("env") or ()}
        script = re.sub(r"\$\{?(\w+)\}?", lambda found: env.get(found[1], ""), script)
        code, strict = 0, False
        for joint, command in _commands(script):
            if (joint == "&&" and code) or (joint == "||" and not code):
                continue
            if joint in (";", "") and strict and code:
                break
            words = shlex.split(command)
            if words[:1] == ["set"]:
                strict = True
                continue
            if words[:1] == ["exit"]:
                code = int(words[1]) if len(words) > 1 else code
                break
            found = self._redirected(words)
            if found is None:
                return Outcome(None, "".join(self._log))
            code = found
        return Outcome(code, "".join(self._log))

    def _redirected(self, words: list[str]) -> int | None:
        """Do one command, with what it prints in a file if the line says so."""
        target = ""
        for sign in (">", ">>"):
            if sign in words:
                place = words.index(sign)
                target, words = words[place + 1], words[:place]
        before = len(self._log)
        name = words[0].rpartition("/")[2]
        if name in ("exec", "agnhost"):
            words = words[1:]
            name = words[0].rpartition("/")[2]
        code = self._command(name, words[1:])
        if target and target != "/dev/null":
            files = self._files(target)
            if files is None:
                self._log[before:] = [f"sh: can't create {target}: Read-only file system\n"]
                return 1
            files[target] = "".join(self._log[before:])
        if target:
            del self._log[before:]
        return code

    def _command(self, name: str, words: list[str]) -> int | None:
        """One command: its exit code, or None if it stays."""
        if name in ("pause", "netexec", "serve-hostname", "httpd", "infinity") or words[:1] == ["infinity"]:
            return None
        if name in ("echo", "printf"):
            self._log.append(" ".join(words).replace("%s", "").strip(" ").replace("\\n", "\n"))
            self._log.append("\n" if name == "echo" else "")
            return 0
        if name in ("true", ":", "sync", "sleep", "mkdir", "chmod", "touch"):
            return 0
        if name == "cat":
            return self._cat(words)
        if name in ("test", "["):
            return self._test([word for word in words if word != "]"])
        if name == "connect":
            return self._connect(words)
        if name == "mounttest":
            return self._mounttest(words)
        if name == "false":
            return 1
        self._log.append(f'the demo cluster does not know the program "{name}"\n')
        return 127

    def _files(self, path: str) -> dict[str, str] | None:
        """The files of the volume a path is in; None where nothing can be written."""
        spec = self._pod["spec"]
        volumes = {one["name"]: one for one in spec.get("volumes") or ()}
        for mount in self._container.get("volumeMounts") or ():
            if not path.startswith(mount["mountPath"].rstrip("/") + "/"):
                continue
            claim = (volumes[mount["name"]].get("persistentVolumeClaim") or {}).get("claimName")
            if not claim:
                return self._own
            found = self._state.find("persistentvolumeclaims", claim, self._pod["metadata"]["namespace"])
            return self._state.contents.get(((found or {}).get("spec") or {}).get("volumeName", ""), {})
        locked = (self._container.get("securityContext") or {}).get("readOnlyRootFilesystem")
        return None if locked else self._own

    def _cat(self, words: list[str]) -> int:
        for path in words:
            files = self._files(path)
            if not files or path not in files:
                self._log.append(f"cat: can't open '{path}': No such file or directory\n")
                return 1
            self._log.append(files[path])
        return 0

    def _mounttest(self, words: list[str]) -> int:
        """Agnhost's ``mounttest``: write a file and show it, or show one."""
        for word in words:
            option, _, path = word.partition("=")
            files = self._files(path)
            writes = option.startswith("--new_file_")
            if files is None:
                self._log.append(f'error writing new file "{path}": open {path}: permission denied\n')
                return 1
            if writes:
                files[path] = "mount-tester new file\n"
            elif path not in files:
                self._log.append(f'error reading file content for "{path}": open {path}: no such file or directory\n')
                return 1
            self._log.append(f'content of file "{path}": {files[path]}\n')
        return 0

    def _test(self, words: list[str]) -> int:
        if words[:1] in (["-f"], ["-e"], ["-s"]):
            return 0 if words[1] in (self._files(words[1]) or {}) else 1
        if len(words) == 3:
            return 0 if (words[0] == words[2]) is (words[1] in ("=", "==")) else 1
        return 1

    def _connect(self, words: list[str]) -> int:
        """Agnhost's ``connect``: what it prints when it does not succeed is the reason in one word."""
        place = next((word for word in words if not word.startswith("-")), "")
        host, _, port = place.rpartition(":")
        found = list(pods_at(self._state, host, self._pod["metadata"]["namespace"]))
        if not found:
            self._log.append("TIMEOUT\n" if re.fullmatch(r"[\d.]+", host) else "DNS: lookup failed\n")
            return 1
        target = found[0]
        if not connects(self._state, self._pod, target, int(port)):
            self._log.append("TIMEOUT\n")
            return 1
        if not any(int(port) in listens(one) for one in target["spec"]["containers"]):
            self._log.append("REFUSED\n")
            return 1
        return 0


def _commands(script: str) -> list[tuple[str, str]]:
    """The commands of a script with what joins each of them to the one before."""
    parts = re.split(r"(&&|\|\||;|\n)", script)
    joints = ["", *parts[1::2]]
    found = [(joint.replace("\n", ";"), part.strip()) for joint, part in zip(joints, parts[::2], strict=True)]
    return [(joint, part) for joint, part in found if part]
