"""The only code that changes anything: restored copies, and what a drill made itself."""
