# SPDX-License-Identifier: Apache-2.0
"""From report documents to a certificate: signing, sending, merging, comparing. Knows documents, never runs."""
