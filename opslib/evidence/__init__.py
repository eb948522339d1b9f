"""What makes a run trustworthy later: statements, their signatures, chains of runs, retention."""
