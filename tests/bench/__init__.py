"""`make bench`: the project's figures, each beside a floor or a peer measured in the same run, and what is owed.

Contenders take turns and the median of their ratios counts, since ratios vary less than times. No test uses this.
"""
