"""Which instances and databases are larger than their use needs, and what AWS says of them."""

from opslib.analysis.savings.sizes.comparison import Comparison, SourceView, compare_sizes
from opslib.analysis.savings.sizes.judging import SIZE_KINDS, Sized, judge_sizes

__all__ = ["SIZE_KINDS", "Comparison", "Sized", "SourceView", "compare_sizes", "judge_sizes"]
