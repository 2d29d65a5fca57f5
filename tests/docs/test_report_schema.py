# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas in the docs are those of the code."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import report_schema


@pytest.mark.parametrize("path", report_schema.SCHEMAS, ids=lambda path: path.name)
def test_the_published_schema_is_that_of_the_code(path: Path) -> None:
    published = path.read_text("utf-8")
    assert published == report_schema.render(report_schema.SCHEMAS[path]), "run: python tests/docs/report_schema.py"
    jsonschema.Draft202012Validator.check_schema(json.loads(published))
