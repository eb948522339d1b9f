"""An account of the sandbox in which money is wasted, and what only looks like it."""
