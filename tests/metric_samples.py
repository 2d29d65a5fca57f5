# SPDX-License-Identifier: Apache-2.0
"""Metrics as their readers see them."""

from __future__ import annotations

from prometheus_client import openmetrics, parser
from prometheus_client.openmetrics import parser as _  # noqa: F401 - a module that its package does not load

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    """Name and labels -> value, the same for the readers of both formats: gauges with an explanation, without times."""
    found: list[Samples] = []
    for families in (openmetrics.parser.text_string_to_metric_families, parser.text_string_to_metric_families):
        one: Samples = {}
        for family in families(text):
            assert family.type == "gauge"
            assert family.documentation
            for sample in family.samples:
                assert sample.timestamp is None
                key = (sample.name, frozenset(sample.labels.items()))
                assert key not in one
                one[key] = sample.value
        found.append(one)
    assert found[0] == found[1]
    return found[0]


def value(found: Samples, name: str, **labels: str) -> float:
    """The value of the only sample with this name and these labels."""
    [one] = [
        number for (known, given), number in found.items() if known == name and labels.items() <= dict(given).items()
    ]
    return one
