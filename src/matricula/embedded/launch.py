"""Starts a program as another user, or bound to the life of its parent.

Both are properties a process has to give itself between fork and exec. Python code at that point
can deadlock when the parent has threads, so the child runs this very file as a script of its own
and then becomes the program. For that reason it uses nothing but the standard library.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import NamedTuple

CLOSED = 75
"""Exit status: the user cannot reach a path; the last line of stderr is the closed folder."""
REFUSED = 76
"""Exit status: the system does not let this process become that user; stderr says why."""
_NOT_RUN = 127

_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
# Reading is the lesser power; Docker grants only the other one by default.
_CAP_DAC_READ_SEARCH = 2
_CAP_DAC_OVERRIDE = 1
_CAP_SETPCAP = 8


class User(NamedTuple):
    """An account of the operating system."""

    uid: int
    gid: int
    name: str


def launched(
    command: Sequence[str], *, user: User | None = None, reach: Sequence[str] = (), with_parent: bool = False
) -> list[str]:
    """Returns the argument list that runs `command` under the given conditions.

    `user` (only for root) is who the program runs as. If that user cannot read and pass the
    absolute paths in `reach`, the program gets the one Linux capability for it; if this is not
    possible either, it ends with status CLOSED. `with_parent` sends SIGTERM to the program when
    the starting thread ends (on Linux; elsewhere nothing does). Without conditions, `command` is
    returned as it is.
    """
    if user is None and not with_parent:
        return list(command)
    conditions = {
        "user": list(user) if user else None,
        "reach": list(reach),
        "parent": os.getpid() if with_parent else None,
    }
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), json.dumps(conditions), *command]


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Capabilities(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def _system_call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _prctl(option: int, first: int, second: int = 0) -> None:
    _system_call("prctl", option, *(ctypes.c_ulong(value) for value in (first, second, 0, 0)))


def _keep(permitted: int) -> None:
    """Gives up all capabilities of this process but the bits `permitted`."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    sets = (_Capabilities * 2)(_Capabilities(permitted, permitted, permitted), _Capabilities(0, 0, 0))
    _system_call("capset", ctypes.byref(header), ctypes.byref(sets))


def _grant(capability: int) -> None:
    """Makes `capability` the only one of this process and of the program it becomes."""
    bit = 1 << capability
    # PostgreSQL asks access(2) about its own programs, which leaves the capabilities of an ordinary
    # user out of account without this.
    _keep(bit | 1 << _CAP_SETPCAP)
    _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    _keep(bit)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _closed(paths: Sequence[str]) -> str | None:
    """Returns the outermost folder or file that keeps this process from one of `paths`."""
    for path in paths:
        if os.access(path, os.R_OK | os.X_OK):
            continue
        parts = path.split(os.sep)
        above = [os.sep.join(parts[:count]) or os.sep for count in range(1, len(parts))]
        return next((folder for folder in above if not os.access(folder, os.X_OK)), path)
    return None


def _become(user: User, reach: Sequence[str]) -> None:
    if _LINUX:
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
    closed = _closed(reach)
    for capability in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE) if _LINUX and closed else ():
        closed = _closed_despite(capability, reach, closed)
        if closed is None:
            _grant(capability)
            return
    if closed:
        sys.stderr.write(f"{closed}\n")
        sys.exit(CLOSED)


def _closed_despite(capability: int, reach: Sequence[str], closed: str | None) -> str | None:
    """Returns what `capability` leaves closed, or `closed` if it is not to be had.

    A forked process tries it out, because this one may need what the trial gives up.
    """
    reading, writing = os.pipe()
    trial = os.fork()
    if trial == 0:
        try:
            _grant(capability)
            os.write(writing, os.fsencode(_closed(reach) or ""))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as answer:
        left = os.fsdecode(answer.read()) or None
    return left if os.waitpid(trial, 0)[1] == 0 else closed


def _main() -> None:
    conditions, command = json.loads(sys.argv[1]), sys.argv[2:]
    try:
        if conditions["user"]:
            _become(User(*conditions["user"]), conditions["reach"])
    except OSError as error:
        sys.stderr.write(f"this process cannot become another user: {error.strerror}\n")
        sys.exit(REFUSED)
    # Changing the user clears this setting, so it comes last.
    if conditions["parent"]:
        if _LINUX:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before the setting took hold.
        if os.getppid() != conditions["parent"]:
            sys.exit(_NOT_RUN)
    # Python ignores these two; a program expects the usual behaviour.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if hasattr(signal, "SIGXFSZ"):
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - a shell is what we do not want
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(_NOT_RUN)


if __name__ == "__main__":
    _main()
