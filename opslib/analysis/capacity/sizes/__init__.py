"""What is too large or too small."""
