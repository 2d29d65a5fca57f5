# SPDX-License-Identifier: Apache-2.0
"""Talking TLS and plain HTTP to the endpoints of a cloud (scs-0125): what they offer, as plain data."""
