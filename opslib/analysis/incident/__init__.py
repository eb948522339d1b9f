"""What happened: suspects among components, from their metrics and from who calls whom."""
