"""`make bench`: the project's figures, each beside a reference measured in the same run.

Contenders take turns and the median of their ratios counts, since ratios vary less than times. No test uses this.
"""
