# SPDX-License-Identifier: Apache-2.0
"""Sections that a listing of an OpenStack service tells, one file each; entries are plain data at their door."""
