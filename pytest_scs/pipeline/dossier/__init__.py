# SPDX-License-Identifier: Apache-2.0
"""A dossier: reports, signatures and recordings in one file, from which others can judge anew without network."""
