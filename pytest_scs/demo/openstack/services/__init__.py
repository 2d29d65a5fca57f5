# SPDX-License-Identifier: Apache-2.0
"""The APIs of the demo cloud, one module each; ``others`` has those of which little is needed."""
