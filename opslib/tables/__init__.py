"""The contract: what each table holds, how it is stored, and the engine that computes it."""
