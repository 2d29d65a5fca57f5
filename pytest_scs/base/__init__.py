# SPDX-License-Identifier: Apache-2.0
"""What every other room stands on: errors, words, files, YAML, masking of secrets; knows nothing of the others."""
