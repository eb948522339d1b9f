"""Operations notebooks for AWS: read, analyse, present, publish.

The flow is one way: ``parameters`` say what to ask, ``aws`` reads, ``tables`` hold the
contract, ``analysis`` is pure, ``present`` shows, ``runner`` publishes dated reports.
"""

__version__ = "0.1.0"
