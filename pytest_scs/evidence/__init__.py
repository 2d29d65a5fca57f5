# SPDX-License-Identifier: Apache-2.0
"""Evidence: what a run saw of its subjects, how it is recorded, and what it made on the way."""
