# SPDX-License-Identifier: Apache-2.0
"""What is to be judged and what came out, as plain values; knows neither pytest nor an SDK."""
