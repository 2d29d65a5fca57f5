# SPDX-License-Identifier: Apache-2.0
"""What an answer of a cluster may take, in bytes, seconds and entries: all numbers are here."""

from __future__ import annotations

#: Seconds to connect, and to wait for a part of an answer.
CONNECT = 10.0
READ = 60.0

#: Seconds from sending a request to the last byte of its answer.
WHOLE_ANSWER = 120.0

#: Seconds for one listing, all pages and tries together.
LISTING = 300.0

#: Seconds that a server may ask to wait (Retry-After); who asks for more is not waited for at all.
RETRY_AFTER = 60.0

#: Bytes of one answer, unpacked.
ANSWER = 256 * 2**20

#: Entries of one page, and of one listing; and pages of a listing.
PAGE = 500
PAGES = 10_000
ENTRIES = 200_000

#: Nodes that are asked at the same time, and seconds for all of them together.
NODES_AT_ONCE = 10
NODES = 300.0

#: Seconds to connect to a port of a node: what does not answer by then is not reachable.
PORT = 3.0

#: Ports that are tried at the same time.
PORTS_AT_ONCE = 32
