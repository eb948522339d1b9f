"""What alert thresholds would have told."""
