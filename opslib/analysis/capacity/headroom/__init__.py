"""What a lost zone or region leaves."""
