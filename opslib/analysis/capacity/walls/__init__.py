"""When each limit is reached, and what binds."""
