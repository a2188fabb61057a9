"""`make bench`: the project's own figures, each measured in the same run as what stands beside it.

Machines are noisy and ratios are not: contenders take turns, and the median of their ratios counts. No test
depends on any of this.
"""
