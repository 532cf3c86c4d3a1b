"""What telephone systems say when they stream a call: read into signals, and built, without any socket.

Each protocol has a class that reads one connection's messages, and functions that build the messages of both ends.
"""

from monitor.live.protocols.signals import (
    Closed,
    HoldBegan,
    HoldEnded,
    Media,
    Opened,
    Reply,
    Signal,
    Skipped,
    StreamReader,
)

__all__ = ["Closed", "HoldBegan", "HoldEnded", "Media", "Opened", "Reply", "Signal", "Skipped", "StreamReader"]
