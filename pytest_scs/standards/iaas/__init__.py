# SPDX-License-Identifier: Apache-2.0
"""What the IaaS standards say, as pure functions and data; knows neither pytest nor an SDK nor the network."""
