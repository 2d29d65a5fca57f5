# SPDX-License-Identifier: Apache-2.0
"""Answers of people to manual checks: the file, its template, and how it is judged."""
