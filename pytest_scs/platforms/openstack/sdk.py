# SPDX-License-Identifier: Apache-2.0
"""Importing openstacksdk for its reading of clouds.yaml, without the proxies of all services.

Its package imports ``openstack.connection``, which has all of them, only for ``openstack.connect``. Nothing here calls
that: requests go by keystoneauth.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_PACKAGE = "openstack"
_UNUSED = "connection"


def import_configuration() -> None:
    """Import ``openstack.config``; what else the package has is imported when somebody asks for it.

    Better in the main thread, and before there are others: it concerns the imports of the whole process.
    """
    if _PACKAGE in sys.modules:
        return
    sys.meta_path.insert(0, stand_in := _StandIn())
    try:
        importlib.import_module(f"{_PACKAGE}.config")
    except Exception:
        _forget()  # a version that needs more of it: the import of the caller is that of everybody
    else:
        _import_later(sys.modules[_PACKAGE])
    finally:
        sys.meta_path.remove(stand_in)


class _StandIn:
    """Finds and makes an empty module in place of the one with the proxies."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The empty module, if it is asked for."""
        return importlib.machinery.ModuleSpec(name, self) if name == f"{_PACKAGE}.{_UNUSED}" else None  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """A usual module."""

    def exec_module(self, module: ModuleType) -> None:
        """Only what the package names while it is imported."""
        module.Connection = object  # type: ignore[attr-defined]


def _import_later(package: ModuleType) -> None:
    """Have the package import the real module where it, or anybody else in the process, needs it."""

    def missing(name: str) -> Any:
        if name == _UNUSED:
            return importlib.import_module(f"{_PACKAGE}.{_UNUSED}")
        raise AttributeError(f"module {_PACKAGE!r} has no attribute {name!r}")

    sys.modules.pop(f"{_PACKAGE}.{_UNUSED}", None)
    vars(package).pop(_UNUSED, None)
    package.__getattr__ = missing  # type: ignore[method-assign]


def _forget() -> None:
    for name in [name for name in sys.modules if name == _PACKAGE or name.startswith(f"{_PACKAGE}.")]:
        del sys.modules[name]
