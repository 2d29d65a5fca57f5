# SPDX-License-Identifier: Apache-2.0
"""What is told of an error: one line, whatever form the service gave it."""

from __future__ import annotations

import pytest
from keystoneauth1 import exceptions

from pytest_scs.openstack.explain import explain

PAGE = """<html>
 <head>
  <title>404 Not Found</title>
 </head>
 <body>
  <h1>404 Not Found</h1>
  No image found with ID &lt;x&gt;<br /><br />



 </body>
</html>"""


@pytest.mark.parametrize(
    ("details", "told"),
    [
        (PAGE, " (No image found with ID <x>)"),
        ("404 Not Found\n\nNo image found\n\n   ", " (404 Not Found No image found)"),
        ("it is < 5 and > 3", " (it is < 5 and > 3)"),
        ("", " (Not Found (HTTP 404))"),
        ("x" * 300, f" ({'x' * 200})"),
    ],
)
def test_an_error_is_one_line(details: str, told: str) -> None:
    error = exceptions.NotFound(
        message="", details=details, method="GET", url="https://user:pass@host/v2/images/x?token=1", http_status=404
    )
    assert explain(error, "image") == f"the image service answered GET /v2/images/x with 404{told}"
