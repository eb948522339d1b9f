"""Pure analysis: tables and parameters in, results out. No clock, no I/O, no AWS."""
