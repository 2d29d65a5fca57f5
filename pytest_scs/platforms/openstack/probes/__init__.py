# SPDX-License-Identifier: Apache-2.0
"""Probes: what has to be tried in a cloud because no listing tells it.

A probe creates something, looks, and removes it again through the janitor; what it saw is a section of the inventory
like any other, so that testcases judge plain data and a run can be recorded and judged again. Probes run in the process
that the user started, all at the same time, from the beginning of the run.
"""
